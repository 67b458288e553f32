package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// proxiedHost is a name that only the proxy of a script knows.
const proxiedHost = "dqops.test"

// cmdSecure is "secure good|expired|old|mutual": TLS before the server that
// DQOCTL_SERVER names, which names it from then on. The files ca.pem, other.pem,
// client.pem and client.key are written. Old speaks nothing newer than TLS 1.1;
// mutual wants the client's certificate.
func cmdSecure(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 1, "secure good|expired|old|mutual")
	ca, other := newAuthority(ts, "ours"), newAuthority(ts, "another")
	until := time.Now().Add(time.Hour)
	if args[0] == "expired" {
		until = time.Now().Add(-time.Hour)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.certificate)
	config := &tls.Config{Certificates: []tls.Certificate{ca.issue(ts, until)}, ClientCAs: roots}
	switch args[0] {
	case "old":
		config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	case "mutual":
		// In TLS 1.3 the refusal may get lost behind the request's own end.
		config.ClientAuth, config.MaxVersion = tls.RequireAndVerifyClientCert, tls.VersionTLS12
	}
	client := ca.issue(ts, until)
	key, err := x509.MarshalECPrivateKey(client.PrivateKey.(*ecdsa.PrivateKey))
	ts.Check(err)
	writePEM(ts, "ca.pem", "CERTIFICATE", ca.certificate.Raw)
	writePEM(ts, "other.pem", "CERTIFICATE", other.certificate.Raw)
	writePEM(ts, "client.pem", "CERTIFICATE", client.Certificate[0])
	writePEM(ts, "client.key", "EC PRIVATE KEY", key)

	behind := serverAddress(ts)
	listener := listen(ts)
	ts.Setenv("DQOCTL_SERVER", "https://"+listener.Addr().String())
	forwardAll(ts, tls.NewListener(listener, config), behind)
}

func serverAddress(ts *testscript.TestScript) string {
	u, err := url.Parse(ts.Getenv("DQOCTL_SERVER"))
	ts.Check(err)
	return u.Host
}

func writePEM(ts *testscript.TestScript, file, kind string, der []byte) {
	ts.Check(os.WriteFile(ts.MkAbs(file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(ts *testscript.TestScript, name string) authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	certificate, err := x509.ParseCertificate(der)
	ts.Check(err)
	return authority{certificate, key}
}

// issue makes a certificate for a server or a client here.
func (a authority) issue(ts *testscript.TestScript, until time.Time) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: time.Now().Add(-12 * time.Hour), NotAfter: until,
		DNSNames: []string{proxiedHost}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	ts.Check(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// forwardAll joins each connection to one of its own to the address.
func forwardAll(ts *testscript.TestScript, listener net.Listener, address string) {
	var joined sync.WaitGroup
	joined.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			joined.Go(func() { join(conn, address) })
		}
	})
	ts.Defer(func() {
		_ = listener.Close()
		joined.Wait()
	})
}

// join carries bytes both ways until one side is done.
func join(conn net.Conn, address string) {
	defer conn.Close()
	behind, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	var there sync.WaitGroup
	there.Go(func() {
		defer behind.Close()
		_, _ = io.Copy(behind, conn)
	})
	_, _ = io.Copy(conn, behind)
	_ = conn.Close()
	there.Wait()
}

// cmdProxy is "proxy": HTTP_PROXY and HTTPS_PROXY name a proxy that alone knows the
// way to the server, which is called dqops.test from then on.
func cmdProxy(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 0, "proxy")
	scheme, _, _ := strings.Cut(ts.Getenv("DQOCTL_SERVER"), ":")
	behind := serverAddress(ts)
	listener := listen(ts)
	ts.Setenv("HTTP_PROXY", "http://"+listener.Addr().String())
	ts.Setenv("HTTPS_PROXY", "http://"+listener.Addr().String())
	ts.Setenv("DQOCTL_SERVER", scheme+"://"+proxiedHost)
	forward := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.Out.URL.Host = behind },
		ErrorLog: log.New(io.Discard, "", 0),
	}
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodConnect && r.URL.Hostname() == proxiedHost:
				if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
					_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
					join(conn, behind)
				}
			case r.URL.Hostname() == proxiedHost:
				forward.ServeHTTP(w, r)
			default:
				http.Error(w, "this is a proxy", http.StatusBadGateway)
			}
		}),
	}
	go func() { _ = server.Serve(listener) }()
	ts.Defer(func() { _ = server.Close() })
}
