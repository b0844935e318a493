package lint

// project is what rules ask of the files around the configuration, again for each app.
type project struct {
	commands once[[]command]
	starts   once[[][]string]
	copied   once[bool]
	builds   once[bool]
}

// once is a value that is found when it is first asked for. It is not for several goroutines
// at once.
type once[T any] struct {
	known bool
	value T
}

// of is the value, which find finds.
func (o *once[T]) of(find func() T) T {
	if !o.known {
		o.value, o.known = find(), true
	}
	return o.value
}
