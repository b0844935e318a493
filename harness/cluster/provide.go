package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// provide has testcontainers create containers by this client.
//
// testcontainers finds one engine for the whole process, by DOCKER_HOST and in ways of its own,
// and knows no ssh://. It asks that engine for facts once and then uses the client that it is
// given. So it is shown a server on the loopback device that has these facts and can do
// nothing, and none of what it finds by itself matters.
func provide(ctx context.Context, api *client.Client) (*testcontainers.DockerProvider, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	facts := &http.Server{Handler: showFacts(api), ReadHeaderTimeout: answersWithin}
	go func() { _ = facts.Serve(listener) }() // it ends with Close
	defer facts.Close()
	restore, err := setVariables(map[string]string{
		client.EnvOverrideHost: "tcp://" + listener.Addr().String(), client.EnvTLSVerify: "", client.EnvOverrideCertPath: "",
		// Its own reaper is an image from a registry, which may be out of reach, and it
		// cannot see a harness that dies: ours does its work.
		"TESTCONTAINERS_RYUK_DISABLED": "true",
	})
	if err != nil {
		return nil, err
	}
	silent := log.NewNoopLogger()
	log.SetDefault(silent)
	p, err := testcontainers.NewDockerProvider(testcontainers.Generic2DockerOptions(testcontainers.WithLogger(silent))...)
	if err := errors.Join(err, restore()); err != nil {
		return nil, err
	}
	p.SetClient(api)
	return p, nil
}

// showFacts answers what the engine's API answers to a ping and about its host, and nothing else.
func showFacts(api *client.Client) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/_ping"):
			w.Header().Set("Api-Version", api.ClientVersion())
		case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/info"):
			ctx, cancel := context.WithTimeout(r.Context(), answersWithin)
			defer cancel()
			found, err := api.Info(ctx, client.InfoOptions{})
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(found.Info) // it sees that something is missing
		default:
			http.NotFound(w, r)
		}
	})
}

// setVariables sets variables of the environment, and unsets those that are to be "". restore
// puts back what was there.
func setVariables(all map[string]string) (restore func() error, err error) {
	was := map[string]string{}
	for name, value := range all {
		was[name] = os.Getenv(name)
		set := func() error { return os.Setenv(name, value) }
		if value == "" {
			set = func() error { return os.Unsetenv(name) }
		}
		if err := set(); err != nil {
			return nil, err
		}
	}
	return func() error {
		_, err := setVariables(was)
		return err
	}, nil
}
