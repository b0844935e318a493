package pm2

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// TestServers: what an environment names is found in the forms people use, and nothing
// of a user, a password or a query is kept.
func TestServers(t *testing.T) {
	for env, want := range map[string]string{
		`{"DATABASE_URL":"postgres://app:s3cret@db.internal:6432/app?sslmode=require"}`: "db.internal:6432",
		`{"DATABASE_URL":"postgres://app:12/3@db/app"}`:                                 "db:5432",
		`{"DATABASE_URL":"postgresql://app:p@ss@[::1]/app"}`:                            "[::1]:5432",
		`{"REDIS_URL":"redis://127.0.0.1:6379"}`:                                        "127.0.0.1:6379",
		`{"REDIS":"[::1]:6379"}`:                                                        "[::1]:6379",
		`{"REDIS_URL":"rediss://:pw@cache"}`:                                            "cache:6379",
		`{"MONGO":"mongodb://u:p@a:27017,b:27018/db?replicaSet=r"}`:                     "a:27017 b:27018",
		`{"MONGO":"mongodb+srv://u:p@cluster0.example.net/db"}`:                         "",
		`{"DB_HOST":"10.0.0.5","DB_PORT":5432}`:                                         "10.0.0.5:5432",
		`{"PGHOST":"/run/postgresql","PGPORT":"5433"}`:                                  "/run/postgresql",
		`{"PGHOST":"db"}`:                              "db:5432",
		`{"SEARCH_HOST":"search.internal"}`:            "search.internal",
		`{"KAFKA_BROKERS":"k1:9092, k2:9092"}`:         "k1:9092 k2:9092",
		`{"DSN":"app:secret@tcp(mysql:3306)/app"}`:     "mysql:3306",
		`{"PORT":3000,"HOST":"0.0.0.0"}`:               "",
		`{"LISTEN_HOST":"0.0.0.0","LISTEN_PORT":3000}`: "",
		`{"TIME":"12:30","RATIO":"1:2","PATH":"/bin:/usr/bin","HTTP_PROXY":"http://proxy:3128","npm_config_registry":"https://registry.example/"}`: "",
		`{"A":"` + strings.Repeat("x", maxSetting) + `:80"}`:  "",
		`{"A":{"B_URL":"redis://inner:1"},"C":true,"D":null}`: "",
	} {
		got := parseProcess(gjson.Parse(`{"pm_id":0,"pm2_env":` + env + `}`)).Servers
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", env, got, want)
		}
		for _, secret := range []string{"s3cret", "12", "p@ss", "pw"} {
			if strings.Contains(strings.Join(got, " "), secret) && !strings.Contains(want, secret) {
				t.Errorf("%s: %q keeps %s", env, got, secret)
			}
		}
	}
}
