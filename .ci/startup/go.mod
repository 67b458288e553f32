// What start-up is measured against; a module of its own, so that nothing here
// can reach the program.
module github.com/dqoctl/dqoctl/ci/startup

go 1.26.0

require github.com/spf13/cobra v1.10.2

require (
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
)
