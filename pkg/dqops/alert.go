package dqops

import (
	"crypto/tls"
	"errors"
	"net"
)

// TLSAlert gives the alert with which the other side ended a TLS connection.
func TLSAlert(err error) (tls.AlertError, bool) {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" {
		return 0, false
	}
	// The type of such an error is not exported; only its text can be compared.
	for alert := range tls.AlertError(255) {
		if alert.Error() == op.Err.Error() {
			return alert, true
		}
	}
	return 0, false
}

// isHandshakeRefused reports a server that did not take the client's part of the
// handshake. In TLS 1.3 the client is done before it hears of that, and may have
// written its request, which is then never read.
func isHandshakeRefused(err error) bool {
	alert, ok := TLSAlert(err)
	// RFC 8446, 6.2: from bad_certificate to access_denied, certificate_required.
	return ok && (alert >= 42 && alert <= 49 || alert == 116)
}
