//go:build !unix

package main

import (
	"errors"
	"os"
)

func fill(*os.File) error { return errors.ErrUnsupported }
