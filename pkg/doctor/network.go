package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// examineNetwork finds out how far one request gets; nil when not to an answer.
func (d *Doctor) examineNetwork(ctx context.Context) *probe {
	server, err := url.Parse(d.Client.BaseURL())
	if err != nil {
		d.fail(checkName, exit.Internal, "", "%v", err)
		return nil
	}
	p := d.ask(ctx, "/api/ishealthy", "")
	if !d.checkName(server, p) || !d.checkConnection(server, p) || !d.checkTLS(server, p) {
		return nil
	}
	d.checkProxy(p)
	if p.err != nil {
		d.fail(checkServer, exit.Unreachable, "the connection broke; the server may be restarting or a proxy may have cut it",
			"the connection stood, but no answer came: %v", p.err)
		return nil
	}
	return p
}

func (d *Doctor) checkName(server *url.URL, p *probe) bool {
	host, role := server.Hostname(), "server"
	if p.proxy != nil {
		host, role = p.proxy.Hostname(), "proxy"
	}
	_, notAddress := netip.ParseAddr(host)
	switch {
	case p.nameError != nil && p.connected == "":
		d.fail(checkName, exit.Unreachable, fmt.Sprintf("check the address of the %s, and the network's name service", role),
			"the name of the %s, %s, cannot be resolved: %v", role, host, p.nameError)
		return false
	case p.proxy != nil:
		d.skip(checkName, "the proxy resolves %s", server.Hostname())
	case notAddress == nil:
		d.ok(checkName, "%s is an address", host)
	case len(p.addresses) > 0:
		d.ok(checkName, "%s is %s", host, joined(p.addresses))
	default:
		d.ok(checkName, "%s is known", host)
	}
	return true
}

func joined(addresses []net.IPAddr) string {
	texts := make([]string, len(addresses))
	for i, a := range addresses {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}

func (d *Doctor) checkConnection(server *url.URL, p *probe) bool {
	if p.connected != "" {
		d.ok(checkConnection, "connected to %s", p.connected)
		return true
	}
	hint := "check the address, the network and any firewall or proxy between"
	if errors.Is(p.err, syscall.ECONNREFUSED) {
		hint = "nothing listens there; is the server running, and is the port right?"
	}
	to := server.Host
	if p.proxy != nil {
		to = "the proxy " + p.proxy.Host
	}
	d.fail(checkConnection, exit.Unreachable, hint+" --wait-ready waits for a server that is starting", "no connection to %s: %v", to, p.err)
	return false
}

// checkProxy tells of what stands between. It is no mistake.
func (d *Doctor) checkProxy(p *probe) {
	var signs []string
	if p.proxy != nil {
		signs = append(signs, "the environment sends requests through "+p.proxy.Host)
	}
	for _, name := range []string{"Via", "Server"} {
		if text := p.header.Get(name); text != "" {
			signs = append(signs, fmt.Sprintf("the answer has %s: %s", name, text))
		}
	}
	if len(signs) == 0 {
		d.ok(checkProxy, "none in the environment, and the answer shows none")
		return
	}
	d.found[checkProxy] = Check{
		Status: OK, Message: strings.Join(signs, "; "),
		Hint: "it must let an answer take 30 s: that is how long a wait for a job is held open",
	}
}
