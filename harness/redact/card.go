package redact

import "regexp"

// cards are numbers of payment cards as people and apps write them: 15 or 16 digits, whole or
// in groups, of the ranges that networks use (ISO/IEC 7812: 3 to 6 at first).
var cards = regexp.MustCompile(`\b(?:[3-6]\d{3}([ -]?)\d{4}[ -]?\d{4}[ -]?\d{4}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5})\b`)

// dropCards replaces card numbers. Other numbers of that length fail the check digit nine times
// of ten, and times in microseconds begin with 1.
func dropCards(s string) string {
	return cards.ReplaceAllStringFunc(s, func(number string) string {
		if !isChecked(number) {
			return number
		}
		return Mark
	})
}

// isChecked reports whether the last digit of a number is its check digit (Luhn).
func isChecked(number string) bool {
	sum, place := 0, 0
	for i := len(number) - 1; i >= 0; i-- {
		if number[i] < '0' || number[i] > '9' {
			continue
		}
		digit := int(number[i] - '0')
		if place%2 == 1 {
			digit *= 2
		}
		sum += digit/10 + digit%10
		place++
	}
	return sum%10 == 0
}
