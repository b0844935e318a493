package nodeerr

import "slices"

// memoSize is how many texts one generation of a Memo holds.
const memoSize = 512

// Memo reads texts as the functions of this package do, and keeps what it has found: an app
// says the same again and again. It forgets texts that nobody has asked about for long. It is
// not for several goroutines at once.
type Memo struct {
	now, before map[string]*found // two generations
}

// found is what is known of one text by now.
type found struct {
	reading  *Reading
	headline *string
	normal   *string
	names    *bool
	inUse    *[]int
	missing  *Missing // no name where none is missing
}

// NewMemo returns a Memo that has read nothing.
func NewMemo() *Memo { return &Memo{now: map[string]*found{}} }

// find returns what is known of a text.
func (m *Memo) find(text string) *found {
	if f := m.now[text]; f != nil {
		return f
	}
	f := m.before[text]
	if f == nil {
		f = &found{}
	}
	if len(m.now) >= memoSize {
		m.before, m.now = m.now, map[string]*found{}
	}
	m.now[text] = f
	return f
}

// Read does the same as the function of its name. Nobody may change what it returns.
func (m *Memo) Read(text string) Reading {
	f := m.find(text)
	if f.reading == nil {
		r := Read(text)
		f.reading = &r
	}
	return *f.reading
}

// FindHeadline does the same as the function of its name.
func (m *Memo) FindHeadline(text string) string {
	f := m.find(text)
	if f.headline == nil {
		s := FindHeadline(text)
		f.headline = &s
	}
	return *f.headline
}

// Normalise does the same as the function of its name.
func (m *Memo) Normalise(text string) string {
	f := m.find(text)
	if f.normal == nil {
		s := Normalise(text)
		f.normal = &s
	}
	return *f.normal
}

// NamesError does the same as the function of its name.
func (m *Memo) NamesError(text string) bool {
	f := m.find(text)
	if f.names == nil {
		names := NamesError(text)
		f.names = &names
	}
	return *f.names
}

// SaysPortInUse does the same as the function of its name.
func (m *Memo) SaysPortInUse(text string, port int) bool {
	f := m.find(text)
	if f.inUse == nil {
		ports := findPortsInUse(text)
		f.inUse = &ports
	}
	return includesPort(*f.inUse, port)
}

// FindMissing does the same as the function of its name.
func (m *Memo) FindMissing(text string) (Missing, bool) {
	f := m.find(text)
	if f.missing == nil {
		missing, ok := FindMissing(text)
		if !ok {
			missing = Missing{}
		}
		f.missing = &missing
	}
	return *f.missing, f.missing.Name != ""
}

// PickLastError does the same as the function of its name.
func (m *Memo) PickLastError(texts []string) string { return pickLast(texts, m.NamesError) }

// LooksOutside does the same as the function of its name.
func (m *Memo) LooksOutside(text string) bool { return m.Read(text).Class.IsOutside() }

// IsOwn does the same as the function of its name.
func (m *Memo) IsOwn(text string) bool { return m.Read(text).Class.IsOwn() }

// IsAboutFile does the same as the function of its name.
func (m *Memo) IsAboutFile(text string) bool { return m.Read(text).Class.isAboutFile() }

// IsLasting does the same as the function of its name.
func (m *Memo) IsLasting(text string) bool { return m.Read(text).Class.isLasting() }

// pickLast returns the latest of several texts that names an error, or else the latest text.
func pickLast(texts []string, names func(string) bool) string {
	for _, s := range slices.Backward(texts) {
		if names(s) {
			return s
		}
	}
	if len(texts) > 0 {
		return texts[len(texts)-1]
	}
	return ""
}
