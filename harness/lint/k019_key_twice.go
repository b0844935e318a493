package lint

func k019() Rule {
	return Rule{
		ID: "K019", Severity: Warning,
		Title:  "a key that is given twice",
		Why:    "Of two keys of one name in one object JavaScript takes the second without a word: what the first says, and what its comment explains, has no effect. It comes of two people who each add what is there already.",
		Fix:    "Keep one of them.",
		Source: "tc39.es/ecma262/#sec-runtime-semantics-propertydefinitionevaluation; lib/Common.js:289",
		File: func(s *Subject) []Finding {
			var out []Finding
			for _, p := range s.Loaded.Repeated {
				f := s.report("", "%s stands twice in one object: this one counts, and the first does not.", p.Key)
				f.Key, f.Line, f.Col, f.Width = p.Key, p.Line, p.Col, p.Width
				out = append(out, f)
			}
			return out
		},
	}
}
