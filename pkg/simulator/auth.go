package simulator

import (
	"net/http"
	"regexp"
	"strings"
)

// tokenShape is what the server takes for a token at all; other text after
// Bearer is as good as no header (wire L16).
var tokenShape = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// authorized decides as wire 1.1: no header is fine unless a token is
// required, a wrong one never is. Another scheme, a lower-case bearer, more
// words or two headers count as no header.
func (s *Server) authorized(r *http.Request) bool {
	if r.URL.Path == "/api/ishealthy" {
		return true
	}
	token, given := bearerToken(r.Header)
	if !given {
		return !s.opts.RequireToken
	}
	return s.opts.Token != "" && token == s.opts.Token
}

// rootDomain is how a cookie calls the domain without a name.
const rootDomain = "(default)"

// domain is the active data domain: the cookie's, or the root without a key for
// DQOps Cloud, whatever the cookie says (wire 1.2).
func (x *exchange) domain() string {
	cookie, err := x.r.Cookie("DQODataDomain")
	if err != nil || cookie.Value == rootDomain || !x.s.settings.cloudKey {
		return ""
	}
	return cookie.Value
}

func bearerToken(header http.Header) (token string, given bool) {
	values := header.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	words := strings.Split(values[0], " ")
	if len(words) != 2 || words[0] != "Bearer" {
		return "", false
	}
	token = words[1]
	if len(token) > 3 && token[0] == '"' && token[len(token)-1] == '"' {
		token = token[1 : len(token)-1]
	}
	return token, tokenShape.MatchString(token)
}
