package engine

import (
	"context"
	"fmt"
	"io"
)

// Bystander is the name of the engine that does nothing.
const Bystander = "bystander"

// Bystand is an engine that keeps to the contract and does nothing: it says that
// it is ready, declares no capability, and waits until stdin closes or ctx
// ends. It is what a control arm runs, so that the fault is alone with PM2.
func Bystand(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	if err := EncodeLine(stdout, Line{Type: TypeReady, Engine: Bystander}); err != nil {
		return err
	}
	closed := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, stdin)
		closed <- err
	}()
	select {
	case <-ctx.Done():
		return nil
	case err := <-closed:
		if err != nil {
			return fmt.Errorf("cannot read stdin: %w", err)
		}
		return nil
	}
}
