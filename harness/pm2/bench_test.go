package pm2

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// BenchmarkProcess reads a row with the environment of a usual shell.
func BenchmarkProcess(b *testing.B) {
	var env strings.Builder
	for i := range 60 {
		fmt.Fprintf(&env, `"SOME_VARIABLE_%d":"/usr/local/share/some/value-%d",`, i, i)
	}
	row := gjson.Parse(`{"pid":1,"pm_id":0,"name":"app","pm2_env":{` + env.String() + `"PATH":"/bin:/usr/bin","DATABASE_URL":"postgres://u:p@db:5432/app","status":"online"}}`)
	for b.Loop() {
		if p := parseProcess(row); len(p.Servers) != 1 {
			b.Fatal(p.Servers)
		}
	}
}
