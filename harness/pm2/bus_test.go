package pm2

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// publish sends messages of topic and body, then waits until told to end.
func publish(t *testing.T, end <-chan struct{}, messages ...[2]string) (home string) {
	return fakeSocket(t, "pub.sock", func(c net.Conn) {
		for _, m := range messages {
			frame, _ := axon.Message{axon.Text(m[0]), []byte(m[1])}.Append(nil)
			if _, err := c.Write(frame); err != nil {
				return
			}
		}
		<-end
	})
}

func TestBus(t *testing.T) {
	end := make(chan struct{})
	home := publish(t, end,
		[2]string{"log:out", `j:{"at":1,"data":"not asked for","process":{"pm_id":0,"name":"app"}}`},
		[2]string{"process:event", `j:{"at":1795485912670,"event":"exit","process":{"pm_id":2,"name":"app","SECRET":"x"}}`},
		[2]string{"process:event", `j:{"event":"exit","process":{"pm_id":"_old_1","name":"app"}}`},
		[2]string{"process:event", `j:"an app may publish anything"`},
		[2]string{"process:event", `j:{"event":{"no":"text"},"process":7}`},
		[2]string{"process:exception", `j:{"data":{"message":"m","stack":"m\n at f"},"process":{"pm_id":3,"name":"app"}}`},
		[2]string{"log:err", `j:{"data":"line\n","process":{"pm_id":"PM2","name":"PM2"}}`},
	)
	b, err := Subscribe(t.Context(), home, TopicEvent, TopicException, TopicErr)
	if err != nil {
		t.Fatal(err)
	}
	want := []Event{
		{Topic: TopicEvent, Event: "exit", ID: 2, Name: "app", At: time.UnixMilli(1795485912670)},
		{Topic: TopicEvent, Event: "exit", ID: -1, Old: true, Name: "app"},
		{Topic: TopicException, ID: 3, Name: "app", Text: "m\n at f"},
		{Topic: TopicErr, ID: -1, Name: "PM2", Text: "line\n"},
	}
	for _, w := range want {
		select {
		case e := <-b.Events():
			if e != w {
				t.Errorf("got %+v, want %+v", e, w)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%+v did not come", w)
		}
	}
	close(end)
	if e, open := <-b.Events(); open {
		t.Errorf("something more: %+v", e)
	}
	if !errors.Is(b.Err(), ErrDaemonDead) {
		t.Errorf("the daemon went, and the bus says %v", b.Err())
	}
}

func TestBusClosesWhileNobodyReads(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	flood := make([][2]string, 2*busBuffer)
	for i := range flood {
		flood[i] = [2]string{"log:err", `j:{"data":"x"}`}
	}
	b, err := Subscribe(t.Context(), publish(t, end, flood...))
	if err != nil {
		t.Fatal(err)
	}
	for len(b.events) < busBuffer {
		time.Sleep(time.Millisecond)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(5 * time.Second)
	for {
		select {
		case _, open := <-b.Events():
			if !open {
				if b.Err() != nil {
					t.Errorf("closed by us, and it says %v", b.Err())
				}
				return
			}
		case <-deadline:
			t.Fatal("the bus does not end")
		}
	}
}

func TestSubscribeToADeadDaemon(t *testing.T) {
	if _, err := Subscribe(t.Context(), t.TempDir()); !errors.Is(err, ErrDaemonDead) {
		t.Errorf("error %v", err)
	}
}

func FuzzEvent(f *testing.F) {
	f.Add("s:process:event", `j:{"event":"exit","process":{"pm_id":2}}`)
	f.Add("s:process:exception", `j:{"data":{"stack":"x"}}`)
	f.Add("x", "j:null")
	f.Fuzz(func(t *testing.T, topic, body string) {
		parseEvent(axon.Message{[]byte(topic), []byte(body)})
	})
}
