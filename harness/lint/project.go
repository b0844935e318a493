package lint

// project is what rules ask of the files around the configuration, again for each app.
type project struct {
	commands once[[]command]
	starts   once[[][]string]
	copied   once[bool]
	builds   once[bool]
	calls    once[calling]
	folders  once[[]string]
}

// once is a value that is found when it is first asked for. It is not for several goroutines
// at once.
type once[T any] struct {
	known bool
	value T
}

// get returns the value, which it finds by find the first time.
func (o *once[T]) get(find func() T) T {
	if !o.known {
		o.value, o.known = find(), true
	}
	return o.value
}
