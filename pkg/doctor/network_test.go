package doctor

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"
)

// TestWayThatIsNotHere makes the checks of what a test on one machine cannot have:
// a name service and a proxy.
func TestWayThatIsNotHere(t *testing.T) {
	server, proxy := &url.URL{Scheme: "https", Host: "dqops.test:8443"}, &url.URL{Scheme: "http", Host: "proxy.test:3128", User: url.UserPassword("kim", "s3cret")}
	unknown := &net.DNSError{Err: "no such host", Name: "dqops.test"}
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, c := range []struct {
		name  string
		probe probe
		check string
		want  Status
		words []string
	}{
		{"unknown name", probe{nameError: unknown, err: unknown}, "name", Failure, []string{"dqops.test, cannot be resolved", "address of the server"}},
		{"unknown name of the proxy", probe{proxy: proxy, nameError: unknown, err: unknown}, "name", Failure, []string{"name of the proxy, proxy.test", "address of the proxy"}},
		{"known name", probe{addresses: []net.IPAddr{{IP: net.IPv4(192, 0, 2, 1)}, {IP: net.IPv4(192, 0, 2, 2)}}}, "name", OK, []string{"dqops.test is 192.0.2.1, 192.0.2.2"}},
		{"by way of a proxy", probe{proxy: proxy, connected: "192.0.2.1:3128"}, "name", Skipped, []string{"the proxy resolves dqops.test"}},
		{"refused", probe{err: refused}, "connection", Failure, []string{"no connection to dqops.test:8443", "nothing listens there", "--wait-ready"}},
		{"proxy refuses", probe{proxy: proxy, err: refused}, "connection", Failure, []string{"no connection to the proxy proxy.test:3128"}},
		{"lost on the way", probe{err: errors.New("no route to host")}, "connection", Failure, []string{"firewall"}},
		{"proxy", probe{proxy: proxy, header: http.Header{"Server": {"edge"}}}, "proxy", OK, []string{"through proxy.test:3128", "Server: edge"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &Doctor{found: make(map[string]Check)}
			switch c.check {
			case "name":
				d.checkName(server, &c.probe)
			case "connection":
				d.checkConnection(server, &c.probe)
			case "proxy":
				d.checkProxy(&c.probe)
			}
			r := d.report("")
			r.want(t, c.check, c.want, c.words...)
			if c.want == Failure {
				r.wantCode(t, 69, c.check)
			}
		})
	}
}
