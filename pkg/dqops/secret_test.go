package dqops

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const known = `Tok/en+Tok/e="%\1`

// spellings are how honest servers repeat a text.
var spellings = []string{
	known,
	`Tok\/en+Tok\/e=\"%\\1`,
	`Tok/en\u002BTok/e\u003d\u0022\u0025\u005c1`,
	"Tok%2Fen%2bTok%2Fe%3D%22%25%5C1",
	`\u0054\u006f\u006b\u002f\u0065\u006e\u002b\u0054\u006f\u006b\u002f\u0065\u003d\u0022\u0025\u005c\u0031`,
}

func TestTheSecretIsMaskedHoweverItIsSpelled(t *testing.T) {
	for _, spelling := range spellings {
		for text, want := range map[string]string{
			spelling:                             "***",
			"Bearer " + spelling + "!":           "Bearer ***!",
			spelling + spelling:                  "******",
			"Tok" + spelling:                     "Tok***",
			`\u00` + spelling + "%" + spelling:   `\u00***%***`,
			spelling[:len(spelling)-1]:           spelling[:len(spelling)-1],
			strings.Repeat(spelling[:5], 3):      strings.Repeat(spelling[:5], 3),
			"no token at all, a T, a \\ and a %": "no token at all, a T, a \\ and a %",
		} {
			if got := secret(known).mask(text); got != want {
				t.Errorf("%q became %q, want %q", text, got, want)
			}
		}
	}
	if got := secret("short").mask("a short text"); got != "a short text" {
		t.Errorf("a token that hides nothing ate %q", got)
	}
}

// TestTheSecretIsMaskedAcrossReads cuts the text at every byte.
func TestTheSecretIsMaskedAcrossReads(t *testing.T) {
	for _, spelling := range spellings {
		text := `{"message":"it is ` + spelling + `","rest":"Tok/en+Tok/e`
		want := strings.Replace(text, spelling, "***", 1)
		for cut := range len(text) {
			body := io.NopCloser(io.MultiReader(strings.NewReader(text[:cut]), strings.NewReader(text[cut:])))
			got, err := io.ReadAll(secret(known).reader(body))
			if err != nil || string(got) != want {
				t.Fatalf("cut at %d: %q, %v, want %q", cut, got, err, want)
			}
		}
		slow := io.NopCloser(iotest.OneByteReader(strings.NewReader(text)))
		if got, err := io.ReadAll(iotest.OneByteReader(secret(known).reader(slow))); err != nil || string(got) != want {
			t.Errorf("byte by byte: %q, %v, want %q", got, err, want)
		}
	}
}

func TestAReaderThatBreaksIsReadToThere(t *testing.T) {
	broke := errors.New("reset")
	body := io.NopCloser(io.MultiReader(strings.NewReader("a Tok/en+T"), iotest.ErrReader(broke)))
	got, err := io.ReadAll(secret(known).reader(body))
	if !errors.Is(err, broke) || string(got) != "a Tok/en+T" {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzMask holds that nothing else changes, that the secret is gone, and that the
// pieces in which a text comes make no difference.
func FuzzMask(f *testing.F) {
	for _, spelling := range spellings {
		f.Add("a "+spelling+" b", uint8(3))
	}
	f.Add(strings.Repeat("Tok/en+", 5), uint8(1))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		s := secret(known)
		whole := s.mask(text)
		if strings.Contains(whole, known) {
			t.Fatalf("%q became %q", text, whole)
		}
		if !strings.Contains(whole, masked) && whole != text {
			t.Fatalf("%q became %q without a mask", text, whole)
		}
		pieces := &inPieces{text: text, size: int(size) + 1}
		read, err := io.ReadAll(s.reader(io.NopCloser(pieces)))
		if err != nil || string(read) != whole {
			t.Fatalf("%q in pieces of %d: %q, whole %q (%v)", text, pieces.size, read, whole, err)
		}
	})
}

type inPieces struct {
	text string
	size int
}

func (p *inPieces) Read(into []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(into, p.text[:min(p.size, len(p.text))])
	p.text = p.text[n:]
	return n, nil
}

func BenchmarkMask(b *testing.B) {
	text := []byte(strings.Repeat(`{"Table\"Name":"The Tok of it","n":17},`, 1<<15))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		_, _ = io.Copy(io.Discard, secret(known).reader(io.NopCloser(bytes.NewReader(text))))
	}
}
