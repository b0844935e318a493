package pm2

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// message is a bus message on the wire.
func message(t testing.TB, topic, body string) []byte {
	t.Helper()
	b, err := axon.Message{axon.Text(topic), []byte("j:" + body)}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func subscribed(t *testing.T, f *fake, topics ...string) (*Bus, net.Conn) {
	t.Helper()
	b, err := Subscribe(soon(t), f.home, topics...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, <-f.subs
}

func write(t *testing.T, w io.Writer, b []byte) {
	t.Helper()
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
}

func nextEvent(t *testing.T, b *Bus) Event {
	t.Helper()
	select {
	case e, ok := <-b.Events():
		if !ok {
			t.Fatalf("the bus ended: %v", b.Err())
		}
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event came")
		return Event{}
	}
}

func TestEvents(t *testing.T) {
	at := time.UnixMilli(1795490456586)
	for _, tt := range []struct {
		topic, body string
		want        Event
	}{
		{TopicOut, `{"at":1795490456586,"data":"hello out\n","process":{"pm_id":0,"name":"app","rev":null}}`,
			Event{Topic: TopicOut, At: at, ID: 0, Name: "app", Text: "hello out\n"}},
		{TopicMessage, `{"at":1795490456586,"raw":"ready","process":{"pm_id":1,"name":"app"}}`,
			Event{Topic: TopicMessage, At: at, ID: 1, Name: "app", Text: "ready"}},
		{TopicMessage, `{"raw":{"a":[1]},"process":{"pm_id":1,"name":"app"}}`,
			Event{Topic: TopicMessage, ID: 1, Name: "app", Text: `{"a":[1]}`}},
		{TopicEvent, `{"event":"exit","manually":false,"process":{"NAME":"no","pm_id":"_old_3","SECRET":"x","name":"app"},"at":1795490456586}`,
			Event{Topic: TopicEvent, At: at, Event: "exit", ID: -1, Old: true, Name: "app"}},
		{TopicEvent, `{"event":"restart overlimit","process":{"pm_id":3,"name":"app"}}`,
			Event{Topic: TopicEvent, Event: "restart overlimit", ID: 3, Name: "app"}},
		{TopicException, `{"data":{"message":"boom","stack":"Error: boom\n at x"},"process":{"pm_id":3,"name":"app"}}`,
			Event{Topic: TopicException, ID: 3, Name: "app", Text: "Error: boom\n at x"}},
		{TopicException, `{"data":{"message":"boom"}}`, Event{Topic: TopicException, ID: -1, Text: "boom"}},
		{TopicException, `{"data":{"code":1}}`, Event{Topic: TopicException, ID: -1, Text: `{"code":1}`}},
		{TopicLog, `{"process":{"pm_id":"PM2","name":"PM2"},"at":1795490456586,"data":"x\n"}`,
			Event{Topic: TopicLog, At: at, ID: -1, Name: "PM2", Text: "x\n"}},
		{TopicKill, `{"status":"killed","msg":"pm2 has been killed via CLI"}`, Event{Topic: TopicKill, ID: -1}},
		{"of-the-app", `[1]`, Event{Topic: "of-the-app", ID: -1}},
		{TopicEvent, `{"event":{"event":"exit"},"process":"none","at":"soon"}`,
			Event{Topic: TopicEvent, Event: `{"event":"exit"}`, ID: -1}},
	} {
		got, ok := parseEvent(axon.Message{axon.Text(tt.topic), []byte("j:" + tt.body)})
		if !ok || got != tt.want {
			t.Errorf("%s %s:\ngot  %+v\nwant %+v", tt.topic, tt.body, got, tt.want)
		}
	}
	for _, m := range []axon.Message{
		{axon.Text("x")}, {axon.Text("x"), axon.Text("y")}, {[]byte("j:1"), []byte("j:1")}, {axon.Text("x"), []byte("j:{")},
	} {
		if e, ok := parseEvent(m); ok {
			t.Errorf("%q passed for %+v", m, e)
		}
	}
}

func TestTopics(t *testing.T) {
	f := newFake(t)
	b, conn := subscribed(t, f, TopicEvent)
	write(t, conn, message(t, TopicOut, `this would not even decode`))
	write(t, conn, message(t, TopicOut, strings.Repeat("x", maxEvent+1)))
	write(t, conn, message(t, TopicEvent, `{"event":"online"}`))
	if e := nextEvent(t, b); e.Event != "online" || b.Dropped() != 0 {
		t.Errorf("got %+v, dropped %d", e, b.Dropped())
	}
	all, conn := subscribed(t, f)
	write(t, conn, message(t, "of-the-app", `{"data":1}`))
	if e := nextEvent(t, all); e.Topic != "of-the-app" || e.Text != "1" {
		t.Errorf("got %+v", e)
	}
}

// TestSlowReader: the connection is read on, memory is bounded, what is lost is
// counted, and a flood of logs does not cost the events of processes.
func TestSlowReader(t *testing.T) {
	b, conn := subscribed(t, newFake(t))
	const logs = 5000
	for range logs {
		write(t, conn, message(t, TopicOut, `{"data":"x"}`))
	}
	write(t, conn, message(t, TopicEvent, `{"event":"exit"}`))
	write(t, conn, message(t, TopicOut, strings.Repeat("x", maxEvent+1)))
	write(t, conn, message(t, TopicOut, `not JSON`))
	deadline := time.Now().Add(10 * time.Second)
	for b.Dropped() < logs-chatBuffer+2 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // the reader is another goroutine
	}
	if n := b.Dropped(); n != logs-chatBuffer+2 {
		t.Fatalf("%d dropped", n)
	}
	for range chatBuffer {
		nextEvent(t, b)
	}
	if e := nextEvent(t, b); e.Event != "exit" {
		t.Errorf("got %+v", e)
	}
}

func TestBusEnds(t *testing.T) {
	f := newFake(t)
	b, conn := subscribed(t, f)
	write(t, conn, message(t, TopicEvent, `{"event":"exit"}`))
	conn.Close()
	if e := nextEvent(t, b); e.Event != "exit" {
		t.Errorf("got %+v", e)
	}
	if _, ok := <-b.Events(); ok || !errors.Is(b.Err(), ErrDaemonDead) {
		t.Errorf("ended with %v", b.Err())
	}
	b, _ = subscribed(t, f)
	b.Close()
	if _, ok := <-b.Events(); ok || b.Err() != nil {
		t.Errorf("closed with %v", b.Err())
	}
	b, conn = subscribed(t, f)
	write(t, conn, []byte("GET / HTTP/1.1\r\n"))
	if _, ok := <-b.Events(); ok || b.Err() == nil || errors.Is(b.Err(), ErrDaemonDead) {
		t.Errorf("garbage ended with %v", b.Err())
	}
}

func TestClip(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("x", MaxText), strings.Repeat("é", MaxText), "a" + strings.Repeat("é", MaxText)} {
		got := clip(s)
		if len(got) > MaxText || !strings.HasPrefix(s, got) || !utf8.ValidString(got) || len(got) < min(len(s), MaxText-3) {
			t.Errorf("%d bytes became %d", len(s), len(got))
		}
	}
	if got := clip(strings.Repeat("\x80", 2*MaxText)); len(got) > MaxText {
		t.Errorf("no text: %d bytes", len(got))
	}
}

func FuzzEvent(f *testing.F) {
	f.Add("process:event", []byte(`j:{"event":"exit","process":{"pm_id":"_old_0","name":"a"},"at":1}`))
	f.Add("process:exception", []byte(`j:{"data":{"stack":"x"}}`))
	f.Add("log:out", []byte(`j:{"data":"hello out\n","process":{"pm_id":0}}`))
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		e, ok := parseEvent(axon.Message{axon.Text(topic), body})
		if ok && (len(e.Text) > MaxText || e.ID < -1) {
			t.Errorf("%+v", e)
		}
	})
}
