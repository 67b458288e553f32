package request

import "testing"

func TestCheckPattern(t *testing.T) {
	good := []string{"text", "*", "pre*", "*suf", "pre*suf", "*mid*", "*m*"}
	for _, text := range good {
		if bad := checkPattern(text); bad != "" {
			t.Errorf("%q: refused: it %s", text, bad)
		}
	}
	for _, text := range []string{"**", "***", "a*b*", "*a*b", "a*b*c", "a**", "*a*b*", "*a**"} {
		if checkPattern(text) == "" {
			t.Errorf("%q: taken", text)
		}
	}
}

func TestCheckTable(t *testing.T) {
	good := []string{
		"public.orders", "orders", "*.orders", "pub*.*ord*", "files.orders.csv", "a.b.*", "*",
		"[public].[order lines]", "'a'.\"b\"", "`a`.b", "[a]", "files.[orders.csv]",
	}
	for _, text := range good {
		if bad := checkTable(text); bad != "" {
			t.Errorf("%q: refused: it %s", text, bad)
		}
	}
	for _, text := range []string{".", " . ", ".b", "a.", "[].b", "a.[]", "''", "a*b*.c", "a.b*c*", "[a*b*].c", "[my.schema].t", "\"a.b\".c", "[.b"} {
		if checkTable(text) == "" {
			t.Errorf("%q: taken", text)
		}
	}
}
