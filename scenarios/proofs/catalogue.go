package proofs

// All are the proofs, in the order of their rules.
func All() []Proof {
	return []Proof{
		c001(),
		c003(),
		c004(),
		c005(),
		c007(),
		c011(),
		c016(),
		c017(),
		e002(),
		e008(),
		k001(),
		k002(),
		k003(),
		k005(),
		k006(),
		k008(),
		k011(),
		k013(),
		k015(),
		k018(),
		l001(),
		l002(),
		l003(),
		l004(),
		l005(),
		l006(),
		l010(),
		p000(),
		p001(),
		p002(),
		p004(),
		p009(),
		p010(),
		p011(),
		p012(),
		p014(),
		r001(),
		r002(),
		r003(),
		r004(),
		t011(),
		t013(),
		t015(),
	}
}

// Unproven says why an error has no proof.
func Unproven() map[string]string {
	return map[string]string{
		"X001": "it is about a comment of ours",
	}
}
