// Package rate says what a few tries tell of a rate: in which interval it lies, whether it is
// below a bound, and which of several rates are higher than others. It is pure.
package rate
