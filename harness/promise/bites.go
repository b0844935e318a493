package promise

import (
	"cmp"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TakesEffect: the fault was seen to take effect. It is the promise of a twin, in which
// nobody is there to heal and nothing else is to be shown; a record in which the fault did
// not bite is inconclusive before anything is judged.
func TakesEffect() Promise {
	return Promise{
		Name:     "takes-effect",
		Sentence: "the fault takes effect, with nobody there to heal",
		Judge: func(r *evidence.Record) Finding {
			bitten, ok := r.Mark(evidence.MarkBitten)
			if !ok {
				return newBroken("it was not seen to")
			}
			return newKept(cmp.Or(bitten.Note, "it was seen to"))
		},
	}
}
