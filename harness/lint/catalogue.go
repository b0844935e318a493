package lint

import "strings"

// Rules are all rules, in the order of their ids.
func Rules() []Rule {
	return []Rule{
		c001(), c002(), c003(), c004(), c005(), c006(), c007(), c008(), c009(), c010(), c011(), c012(), c013(), c014(), c015(), c016(), c017(),
		d001(), d002(),
		e001(), e002(), e003(), e004(), e005(), e006(), e008(), e009(),
		k001(), k002(), k003(), k004(), k005(), k006(), k007(), k008(), k010(), k011(), k012(), k013(), k015(), k016(), k018(), k019(),
		l001(), l002(), l003(), l004(), l005(), l006(), l007(), l008(), l009(), l010(),
		p000(), p001(), p002(), p003(), p004(), p005(), p006(), p007(), p008(), p009(), p010(), p011(), p012(), p013(), p014(), p015(),
		r001(), r002(), r003(), r004(),
		t001(), t002(), t003(), t004(), t005(), t006(), t007(), t008(), t009(), t011(), t012(), t013(), t014(), t015(), t016(), t017(),
		x001(), x002(),
	}
}

// Find is the rule of that id, in whichever case it is written.
func Find(id string) (Rule, bool) {
	for _, r := range Rules() {
		if strings.EqualFold(r.ID, id) {
			return r, true
		}
	}
	return Rule{}, false
}
