package redact

// usual are the pairs of letters that words and names of programs are made of: the letters
// that follow a letter (94 % of the pairs in the words of npm's sources and manuals, each
// word weighed by the logarithm of its count).
var usual = func() (followers [26]uint32) {
	for i, letters := range [26]string{
		"bcdfgiklmnprstuvy", "aeilorsu", "acehiklorstu", "adeilorsu", "abcdefgilmnpqrstvwx", "aefiloru", "aehilnorsu", "aeiortu", "abcdefglmnoprstvxz",
		"aeou", "eis", "adeilostuy", "abeimopsu", "acdefgiknopstuv", "abcdfgiklmnoprstuvw", "aeiloprstu", "u", "acdegiklmnorstuy",
		"acehilopstuy", "acehilorstuy", "abcdefgilmnprst", "aei", "aehinor", "pt", "ps", "e",
	} {
		for _, c := range letters {
			followers[i] |= 1 << (c - 'a')
		}
	}
	return followers
}()

// minPairs is how many pairs of letters tell words from letters drawn by chance.
const minPairs = 7

// isStrange reports whether the letters of a string do not follow each other as those of
// words do: of letters drawn by chance four pairs in ten are usual ones.
func isStrange(s string) bool {
	pairs, found := 0, 0
	for i := 1; i < len(s); i++ {
		a, b := s[i-1]|0x20, s[i]|0x20
		if a < 'a' || a > 'z' || b < 'a' || b > 'z' || classifyByte(s[i-1]) == 0 && classifyByte(s[i]) == 1 {
			continue
		}
		pairs++
		if usual[a-'a']>>(b-'a')&1 == 1 {
			found++
		}
	}
	return pairs >= minPairs && found*10 < pairs*6
}
