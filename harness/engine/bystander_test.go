package engine

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

func TestBystandWaitsForStdin(t *testing.T) {
	stdin, closeStdin := io.Pipe()
	out, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Bystand(context.Background(), stdin, stdout) }()

	for l, err := range Lines(out) {
		if err != nil || l.Type != TypeReady || len(l.Capabilities) != 0 {
			t.Fatalf("got %+v, %v; want a ready line without capabilities", l, err)
		}
		break
	}
	if err := EncodeRequest(closeStdin, Request{Request: RequestRoll, App: "app"}); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		t.Fatalf("it ended (%v) while stdin was open", err)
	default:
	}
	if err := closeStdin.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it did not end with stdin")
	}
}

func TestBystandEndsWithContext(t *testing.T) {
	stdin, _ := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out strings.Builder
	if err := Bystand(ctx, stdin, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), TypeReady) {
		t.Fatalf("got %q, want a ready line", out.String())
	}
}
