package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// soon is when the end of a certificate is worth a warning.
const soon = 14 * 24 * time.Hour

func (d *Doctor) checkTLS(server *url.URL, p *probe) bool {
	switch {
	case server.Scheme != "https":
		d.checkPlain(server.Hostname())
	case p.secure != nil && d.TLS != nil && d.TLS.InsecureSkipVerify:
		d.checkUnverified(server.Hostname(), p.secure)
	case p.secure != nil:
		d.checkCertificates(p.secure)
	case !p.secured || isRefusal(p.err): // TLS 1.3 asks for certificates after the handshake
		message, hint := whyNotSecure(p.err)
		d.fail(checkTLS, exit.Unreachable, hint, "%s", message)
		return false
	default:
		d.ok(checkTLS, "the connection is secured")
	}
	return true
}

func (d *Doctor) checkPlain(host string) {
	address, err := netip.ParseAddr(host)
	if strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback() {
		d.skip(checkTLS, "the server is on this machine and is spoken to without TLS")
		return
	}
	d.warn(checkTLS, "use an https:// address", "there is none: anyone between can read the token and change the answers")
}

func (d *Doctor) checkCertificates(s *tls.ConnectionState) {
	if len(s.VerifiedChains) == 0 || len(s.VerifiedChains[0]) == 0 {
		d.ok(checkTLS, "%s", tls.VersionName(s.Version))
		return
	}
	chain := s.VerifiedChains[0]
	first := chain[0]
	for _, c := range chain {
		if c.NotAfter.Before(first.NotAfter) {
			first = c
		}
	}
	left := time.Until(first.NotAfter)
	text := fmt.Sprintf("%s, %s, issued by %s, %d in the chain, valid until %s (%d days)", tls.VersionName(s.Version), nameOf(chain[0]),
		nameOf(chain[len(chain)-1]), len(chain), first.NotAfter.UTC().Format(time.RFC3339), int(left.Hours()/24))
	if left < soon {
		d.warn(checkTLS, "renew the certificate of "+nameOf(first), "%s", text)
		return
	}
	d.ok(checkTLS, "%s", text)
}

// checkUnverified says what --insecure-skip-verify hides.
func (d *Doctor) checkUnverified(host string, s *tls.ConnectionState) {
	intermediates := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		intermediates.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: host, Roots: d.TLS.RootCAs, Intermediates: intermediates})
	if err == nil {
		d.warn(checkTLS, "leave insecure-skip-verify out: the certificate is good", "%s, not verified", tls.VersionName(s.Version))
		return
	}
	message, _ := whyNotSecure(err)
	d.warn(checkTLS, "anyone between can read the token and change the answers; name the right authority with --ca-cert instead",
		"%s, not verified; it would fail: %s", tls.VersionName(s.Version), message)
}

func whyNotSecure(err error) (message, hint string) {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return fmt.Sprintf("the certificate of %s is valid from %s until %s, and now is %s", nameOf(invalid.Cert), invalid.Cert.NotBefore.UTC().Format(time.RFC3339),
			invalid.Cert.NotAfter.UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339)), "renew the certificate, or put this machine's clock right"
	}
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok {
		return wrong.Error(), "use the name that the certificate is for, or have one made for this name"
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		issuer := "an unknown authority"
		if unknown.Cert != nil {
			issuer = unknown.Cert.Issuer.String()
		}
		return "the certificate is signed by " + issuer + ", which is not trusted here", "name its authority with --ca-cert"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the server does not speak TLS on this port", "use http://, or the port of https"
	}
	if isRefusal(err) {
		return "the server refused the handshake: " + err.Error(), "it may want a certificate: --client-cert and --client-key"
	}
	return fmt.Sprintf("the handshake failed: %v", err), "check that the port is one of https, and any proxy between"
}

func isRefusal(err error) bool {
	remote, ok := errors.AsType[*net.OpError](err)
	return ok && remote.Op == "remote error"
}

// nameOf is how people call a certificate.
func nameOf(c *x509.Certificate) string {
	switch {
	case len(c.DNSNames) > 0:
		return strings.Join(c.DNSNames, ", ")
	case c.Subject.CommonName != "":
		return c.Subject.CommonName
	}
	return c.Subject.String()
}
