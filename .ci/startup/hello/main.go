// Hello is the smallest honest cobra program: what the library alone costs.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	hello := &cobra.Command{
		Use: "hello",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Println("hello, world")
			return err
		},
	}
	if err := hello.Execute(); err != nil {
		os.Exit(1)
	}
}
