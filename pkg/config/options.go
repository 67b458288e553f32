package config

import "slices"

// Kind is how the text of an option is read.
type Kind int

// The kinds of options.
const (
	KindString   Kind = iota
	KindURL           // of a server: http or https, no user, query or fragment
	KindPath          // "~/" is the home folder; in a profile relative to its file
	KindDuration      // as ParseDuration
	KindBool          // true or false
	KindEnum          // one of Values
	KindWords         // words with commas between
)

// Group says which commands an option is for.
type Group string

// The groups of options. Those without one are for dqoctl itself.
const (
	GroupConnection Group = "connection" // every command
	GroupOutput     Group = "output"     // every command
	GroupFollowing  Group = "following"  // commands that start or follow jobs
	GroupGate       Group = "gate"       // commands whose outcome judges data
)

// Option is one setting and where it may come from.
type Option struct {
	Name    string // of the flag and of the key in a profile
	Short   string // the flag's letter
	Env     string // empty: not from the environment
	Flag    bool   // it is a flag
	Profile bool   // it may stand in a profile
	Secret  bool   // its value is never shown
	Group   Group
	Kind    Kind
	Values  []string // of KindEnum
	Default string
	Usage   string

	check    func(text string) error // of a KindString; nil takes any
	positive bool                    // a duration that must not be 0
	field    func(*Settings) any     // where its value goes: *string, *bool, *time.Duration, *[]string; nil: resolved apart
}

// Options are all settings that there are. What a command acts on is none: it
// never comes from the environment or a profile.
func Options() []Option {
	options := make([]Option, 0, len(table))
	for _, o := range table {
		o.Values = slices.Clone(o.Values)
		options = append(options, o)
	}
	return options
}

// The names that the code of this package asks for.
const (
	nameServer       = "server"
	nameToken        = "token"
	nameTokenFile    = "token-file"
	nameProfile      = "profile"
	nameConfig       = "config"
	nameRequireHTTPS = "require-https"
)

var table = []Option{
	{
		Name: nameServer, Env: "DQOCTL_SERVER", Flag: true, Profile: true, Group: GroupConnection, Kind: KindURL,
		Default: "http://localhost:8888", Usage: "address of the DQOps server",
		field: func(s *Settings) any { return &s.Server },
	},
	{
		Name: nameProfile, Env: "DQOCTL_PROFILE", Flag: true, Group: GroupConnection,
		Usage: "profile of the configuration file to use",
	},
	{
		Name: nameConfig, Env: "DQOCTL_CONFIG", Flag: true, Group: GroupConnection, Kind: KindPath,
		Usage: "configuration file",
	},
	{
		Name: nameToken, Env: "DQOCTL_TOKEN", Secret: true, Group: GroupConnection,
		Usage: "API token of the server",
	},
	{
		Name: nameTokenFile, Env: "DQOCTL_TOKEN_FILE", Flag: true, Profile: true, Group: GroupConnection, Kind: KindPath,
		Usage: "file with the API token; as a flag - is standard input",
		field: func(s *Settings) any { return &s.TokenFile },
	},
	{
		Name: "data-domain", Env: "DQOCTL_DATA_DOMAIN", Flag: true, Profile: true, Group: GroupConnection,
		Usage: "data domain to work in",
		check: checkDomain,
		field: func(s *Settings) any { return &s.DataDomain },
	},
	{
		Name: "ca-cert", Env: "DQOCTL_CA_CERT", Flag: true, Profile: true, Group: GroupConnection, Kind: KindPath,
		Usage: "PEM file with the certificates to trust beside the system's",
		field: func(s *Settings) any { return &s.CACert },
	},
	{
		Name: "client-cert", Env: "DQOCTL_CLIENT_CERT", Flag: true, Profile: true, Group: GroupConnection, Kind: KindPath,
		Usage: "PEM file with the certificate to show to the server",
		field: func(s *Settings) any { return &s.ClientCert },
	},
	{
		Name: "client-key", Env: "DQOCTL_CLIENT_KEY", Flag: true, Profile: true, Group: GroupConnection, Kind: KindPath,
		Usage: "PEM file with the key of --client-cert",
		field: func(s *Settings) any { return &s.ClientKey },
	},
	{
		Name: "insecure-skip-verify", Env: "DQOCTL_INSECURE_SKIP_VERIFY", Flag: true, Profile: true, Group: GroupConnection, Kind: KindBool,
		Default: "false", Usage: "trust any certificate (warns on every run)",
		field: func(s *Settings) any { return &s.InsecureSkipVerify },
	},
	{
		Name: nameRequireHTTPS, Profile: true, Group: GroupConnection, Kind: KindBool,
		Default: "false", Usage: "refuse a server without TLS that is not on this machine",
		field: func(s *Settings) any { return &s.RequireHTTPS },
	},
	{
		Name: "connect-timeout", Env: "DQOCTL_CONNECT_TIMEOUT", Flag: true, Profile: true, Group: GroupConnection, Kind: KindDuration,
		Default: "10s", Usage: "how long to try to connect",
		positive: true,
		field:    func(s *Settings) any { return &s.ConnectTimeout },
	},
	{
		Name: "output", Short: "o", Env: "DQOCTL_OUTPUT", Flag: true, Profile: true, Group: GroupOutput, Kind: KindEnum,
		Values: []string{"table", "json", "yaml", "jsonl", "csv", "id"}, Default: "table",
		Usage: "form of the result: table, json or yaml; for lists also jsonl and csv; id where there are ids",
		field: func(s *Settings) any { return &s.Output },
	},
	{
		Name: "columns", Env: "DQOCTL_COLUMNS", Flag: true, Profile: true, Group: GroupOutput, Kind: KindWords,
		Usage: "columns of a list as table or csv, in this order, with commas between",
		field: func(s *Settings) any { return &s.Columns },
	},
	{
		Name: "no-headers", Env: "DQOCTL_NO_HEADERS", Flag: true, Profile: true, Group: GroupOutput, Kind: KindBool,
		Default: "false", Usage: "lists without the names of their columns",
		field: func(s *Settings) any { return &s.NoHeaders },
	},
	{
		Name: "color", Env: "DQOCTL_COLOR", Flag: true, Profile: true, Group: GroupOutput, Kind: KindEnum,
		Values: []string{"auto", "always", "never"}, Default: "auto", Usage: "colors: auto, always or never",
		field: func(s *Settings) any { return &s.Color },
	},
	{
		Name: "quiet", Short: "q", Env: "DQOCTL_QUIET", Flag: true, Profile: true, Group: GroupOutput, Kind: KindBool,
		Default: "false", Usage: "no progress",
		field: func(s *Settings) any { return &s.Quiet },
	},
	{
		Name: "debug", Env: "DQOCTL_DEBUG", Flag: true, Profile: true, Group: GroupOutput, Kind: KindBool,
		Default: "false", Usage: "requests and answers on stderr, secrets masked",
		field: func(s *Settings) any { return &s.Debug },
	},
	{
		Name: "no-input", Env: "DQOCTL_NO_INPUT", Flag: true, Profile: true, Group: GroupOutput, Kind: KindBool,
		Default: "false", Usage: "never ask; what would have to be asked is refused",
		field: func(s *Settings) any { return &s.NoInput },
	},
	{
		Name: "timeout", Env: "DQOCTL_TIMEOUT", Flag: true, Profile: true, Group: GroupFollowing, Kind: KindDuration,
		Default: "0", Usage: "how long to wait in all (90, 90s, 1h30m; 0 is without end)",
		field: func(s *Settings) any { return &s.Timeout },
	},
	{
		Name: "retry-budget", Env: "DQOCTL_RETRY_BUDGET", Flag: true, Profile: true, Group: GroupFollowing, Kind: KindDuration,
		Default: "5m", Usage: "how long contact with the server may be lost",
		field: func(s *Settings) any { return &s.RetryBudget },
	},
	{
		Name: "on-interrupt", Env: "DQOCTL_ON_INTERRUPT", Flag: true, Profile: true, Group: GroupFollowing, Kind: KindEnum,
		Values: []string{"detach", "cancel"}, Default: "detach", Usage: "what Ctrl-C does to the job: detach or cancel",
		field: func(s *Settings) any { return &s.OnInterrupt },
	},
	{
		Name: "fail-on", Env: "DQOCTL_FAIL_ON", Flag: true, Profile: true, Group: GroupGate, Kind: KindEnum,
		Values: []string{"warning", "error", "fatal", "never"}, Default: "error",
		Usage: "the severity from which the exit code says so: warning, error, fatal or never",
		field: func(s *Settings) any { return &s.FailOn },
	},
	{
		Name: "allow-execution-errors", Env: "DQOCTL_ALLOW_EXECUTION_ERRORS", Flag: true, Profile: true, Group: GroupGate, Kind: KindBool,
		Default: "false", Usage: "that checks, collectors or samplers crashed does not fail the command",
		field: func(s *Settings) any { return &s.AllowExecutionErrors },
	},
	{
		Name: "allow-empty", Env: "DQOCTL_ALLOW_EMPTY", Flag: true, Profile: true, Group: GroupGate, Kind: KindBool,
		Default: "false", Usage: "that nothing ran does not fail the command",
		field: func(s *Settings) any { return &s.AllowEmpty },
	},
	{
		Name: "judge", Env: "DQOCTL_JUDGE", Flag: true, Profile: true, Group: GroupGate, Kind: KindEnum,
		Values: []string{"standing", "exact", "run"}, Default: "standing",
		Usage: "what is judged: standing, exact or run",
		field: func(s *Settings) any { return &s.Judge },
	},
}

func lookup(name string) (Option, bool) {
	for _, o := range table {
		if o.Name == name {
			return o, true
		}
	}
	return Option{}, false
}
