package dqops_test

import (
	"context"
	"encoding/json"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// operation is one call of the client with what its request must be and the
// smallest answer that satisfies it.
type operation struct {
	name   string
	doing  string // how its errors begin
	call   func(context.Context, *dqops.Client) error
	method string
	path   string
	query  string
	body   string
	status int
	answer string
	// waits: an empty success means that the server does not know yet.
	waits bool
	// what names the thing that an empty 404 is about; "" for none.
	what string
}

var (
	orders  = dqops.TableRef{Connection: "my shop", Schema: "a/b", Table: "orders.csv"}
	amounts = dqops.CheckPath{TableRef: orders, Column: "net amount/€", CheckType: "partitioned", TimeScale: "daily"}
	noCheck = func(dqops.JobChange) error { return nil }
)

const (
	ordersPath  = "/api/connections/my%20shop/schemas/a%2Fb/tables/orders.csv"
	amountsPath = ordersPath + "/columns/net%20amount%2F%E2%82%AC/partitioned/daily"
	aSubmit     = `{"jobId":{"jobId":7,"createdAt":"2026-11-23T14:07:02Z"},"status":"queued"}`
	aJob        = `{"jobId":{"jobId":7,"createdAt":"2026-11-23T14:07:02Z"},"jobType":"run_checks","status":"running"}`
)

func autumn(call func(*dqops.Client, context.Context, dqops.CheckPath, dqops.ResultsQuery) error) func(context.Context, *dqops.Client) error {
	return func(ctx context.Context, c *dqops.Client) error {
		return call(c, ctx, amounts, dqops.ResultsQuery{
			First: time.Date(2026, 9, 30, 23, 0, 0, 0, time.FixedZone("", -7200)), Last: time.Date(2026, 11, 1, 0, 0, 0, 0, time.FixedZone("", 7200)),
			DataGroup: "a & b", CheckName: "daily_sum", Comparison: "c d",
		})
	}
}

const autumnQuery = "checkName=daily_sum&dataGroup=a+%26+b&maxResultsPerCheck=1000000&monthEnd=2026-11-01&monthStart=2026-09-01&tableComparison=c+d"

var runChecks = operation{
	name:  "start the checks",
	doing: "start the checks",
	call: func(ctx context.Context, c *dqops.Client) error {
		_, err := c.RunChecks(ctx, dqops.RunChecksParameters{
			CheckSearchFilters: dqops.CheckSearchFilters{Connection: "my shop", FullTableName: "a/b.orders.csv"},
		}, dqops.Start{BusinessKey: "a/b c&d"})
		return err
	},
	method: "POST", path: "/api/jobs/runchecks", query: "jobBusinessKey=a%2Fb+c%26d&wait=false",
	body:   `{"check_search_filters":{"connection":"my shop","fullTableName":"a/b.orders.csv"}}`,
	status: 201, answer: `{"jobId":{"jobId":7,"createdAt":"2026-11-23T14:07:02Z"},"status":"queued"}`, waits: true,
}

var operations = []operation{
	{
		name:  "collect statistics",
		doing: "start collecting statistics",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.CollectStatisticsOnTable(ctx, dqops.StatisticsCollectorSearchFilters{
				Connection: "c", FullTableName: "s.t", Enabled: new(true), Tags: []string{"t"}, Labels: []string{"l"}, MaxResults: new(int32(7)),
				ColumnNames: []string{"k"}, CollectorName: "column_samples", SensorName: "x", CollectorCategory: "sampling", Target: "column",
				EnabledCronScheduleExpression: "0 12 * * *", ProfilerHierarchyIDsModels: []json.RawMessage{json.RawMessage(`{"path":["c"]}`)},
			}, dqops.CollectStatisticsOptions{SamplesLimit: new(int32(0)), ConfigureTable: new(false)}, dqops.Start{BusinessKey: "k"})
			return err
		},
		method: "POST", path: "/api/jobs/collectstatistics/table", query: "configureTable=false&jobBusinessKey=k&samplesLimit=0&wait=false",
		body: `{"connection":"c","fullTableName":"s.t","enabled":true,"tags":["t"],"labels":["l"],"maxResults":7,"columnNames":["k"],` +
			`"collectorName":"column_samples","sensorName":"x","collectorCategory":"sampling","target":"column",` +
			`"enabledCronScheduleExpression":"0 12 * * *","profilerHierarchyIdsModels":[{"path":["c"]}]}`,
		status: 201, answer: aSubmit, waits: true,
	},
	{
		name:  "collect statistics of groups",
		doing: "start collecting statistics",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.CollectStatisticsOnDataGroups(ctx, dqops.StatisticsCollectorSearchFilters{}, dqops.CollectStatisticsOptions{}, dqops.Start{})
			return err
		},
		method: "POST", path: "/api/jobs/collectstatistics/withgrouping", query: "wait=false", body: `{}`,
		status: 201, answer: aSubmit, waits: true,
	},
	{
		name:  "collect error samples",
		doing: "start collecting error samples",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.CollectErrorSamples(ctx, dqops.CollectErrorSamplesParameters{
				CheckSearchFilters: &dqops.CheckSearchFilters{Connection: "c"}, TimeWindowFilter: &dqops.TimeWindowFilterParameters{FromDate: "2026-11-01"},
				DataScope: "data_group", DummySensorExecution: true,
			}, dqops.Start{})
			return err
		},
		method: "POST", path: "/api/jobs/collecterrorsamples", query: "wait=false",
		body:   `{"check_search_filters":{"connection":"c"},"time_window_filter":{"from_date":"2026-11-01"},"data_scope":"data_group","dummy_sensor_execution":true}`,
		status: 201, answer: aSubmit, waits: true,
	},
	{
		name:  "import tables",
		doing: "start the import",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.ImportTables(ctx, dqops.ImportTablesQueueJobParameters{
				ConnectionName: "c", SchemaName: "*", TableNameContains: "x", TableNames: []string{"t"}, TablesImportLimit: new(int32(7)),
			}, dqops.Start{Wait: true, WaitTimeout: 90 * time.Second})
			return err
		},
		method: "POST", path: "/api/jobs/importtables", query: "wait=true&waitTimeout=90",
		body:   `{"connectionName":"c","schemaName":"*","tableNameContains":"x","tableNames":["t"],"tablesImportLimit":7}`,
		status: 201, answer: aSubmit, waits: true,
	},
	{
		name:  "delete stored data",
		doing: "start the deletion",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.DeleteStoredData(ctx, dqops.DeleteStoredDataQueueJobParameters{
				Connection: "c", FullTableName: "s.t", DateStart: "2026-11-01", DateEnd: "2026-11-30",
				DeleteErrors: true, DeleteStatistics: true, DeleteCheckResults: true, DeleteSensorReadouts: true, DeleteErrorSamples: true,
				DeleteIncidents: true, DeleteChecksConfiguration: true, ColumnNames: []string{"k"}, CheckCategory: "volume", CheckName: "x",
				CheckType: "monitoring", QualityDimension: "Validity", TableComparisonName: "y", SensorName: "z", DataGroupTag: "g",
				TimeGradient: "day", CollectorCategory: "sampling", CollectorName: "n", CollectorTarget: "column", IncidentStatusName: "open",
			}, dqops.Start{Wait: true, WaitTimeout: 90 * time.Second})
			return err
		},
		method: "POST", path: "/api/jobs/deletestoreddata", query: "wait=true&waitTimeout=90",
		body: `{"connection":"c","fullTableName":"s.t","dateStart":"2026-11-01","dateEnd":"2026-11-30","deleteErrors":true,"deleteStatistics":true,` +
			`"deleteCheckResults":true,"deleteSensorReadouts":true,"deleteErrorSamples":true,"deleteIncidents":true,"deleteChecksConfiguration":true,` +
			`"columnNames":["k"],"checkCategory":"volume","checkName":"x","checkType":"monitoring","qualityDimension":"Validity",` +
			`"tableComparisonName":"y","sensorName":"z","dataGroupTag":"g","timeGradient":"day","collectorCategory":"sampling",` +
			`"collectorName":"n","collectorTarget":"column","incidentStatusName":"open"}`,
		status: 201, answer: aSubmit, waits: true,
	},
	{
		name:  "synchronize folders",
		doing: "start the synchronization",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.SynchronizeFolders(ctx, dqops.SynchronizeMultipleFoldersParameters{
				Direction: "download", ForceRefreshNativeTables: true, DetectCronSchedules: true, Sources: true, Sensors: true, Rules: true,
				Checks: true, Settings: true, Credentials: true, Dictionaries: true, Patterns: true, DataSensorReadouts: true,
				DataCheckResults: true, DataStatistics: true, DataErrors: true, DataIncidents: true, SynchronizeFolderWithLocalChanges: true,
			}, dqops.Start{})
			return err
		},
		method: "POST", path: "/api/jobs/synchronize", query: "wait=false",
		body: `{"direction":"download","forceRefreshNativeTables":true,"detectCronSchedules":true,"sources":true,"sensors":true,"rules":true,` +
			`"checks":true,"settings":true,"credentials":true,"dictionaries":true,"patterns":true,"dataSensorReadouts":true,` +
			`"dataCheckResults":true,"dataStatistics":true,"dataErrors":true,"dataIncidents":true,"synchronizeFolderWithLocalChanges":true}`,
		status: 201, answer: aSubmit, waits: true,
	},
	{
		name:   "ask for the scheduler",
		doing:  "ask whether the scheduler runs",
		call:   func(ctx context.Context, c *dqops.Client) error { _, err := c.IsCronSchedulerRunning(ctx); return err },
		method: "GET", path: "/api/jobs/scheduler/isrunning", status: 200, answer: `true`,
	},
	{
		name:   "list connections",
		doing:  "list the connections",
		call:   func(ctx context.Context, c *dqops.Client) error { _, err := c.Connections(ctx); return err },
		method: "GET", path: "/api/connections", status: 200, answer: `[]`,
	},
	runChecks,
	{
		name:  "start the checks and wait",
		doing: "start the checks",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.RunChecks(ctx, dqops.RunChecksParameters{}, dqops.Start{Wait: true, WaitTimeout: 90 * time.Second})
			return err
		},
		method: "POST", path: "/api/jobs/runchecks", query: "wait=true&waitTimeout=90",
		body:   `{"check_search_filters":{}}`,
		status: 201, answer: `{"jobId":{"jobId":7,"createdAt":"2026-11-23T14:07:02Z"},"status":"finished"}`, waits: true,
	},
	{
		name:  "read a job",
		doing: "read job a/b c",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.GetJob(ctx, "a/b c")
			return err
		},
		method: "GET", path: "/api/jobs/jobs/a%2Fb%20c", status: 200, answer: aJob, what: "job a/b c",
	},
	{
		name:  "wait for a job",
		doing: "wait for job a/b c",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.WaitForJob(ctx, "a/b c", 20*time.Second)
			return err
		},
		method: "GET", path: "/api/jobs/jobs/a%2Fb%20c/wait", query: "waitTimeout=20",
		status: 200, answer: aJob, waits: true, what: "job a/b c",
	},
	{
		name:   "list jobs",
		doing:  "list jobs",
		call:   func(ctx context.Context, c *dqops.Client) error { _, err := c.GetAllJobs(ctx); return err },
		method: "GET", path: "/api/jobs/jobs", status: 200, answer: `{"jobs":[],"lastSequenceNumber":7}`,
	},
	{
		name:  "read the changes",
		doing: "read the changes of jobs",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.JobChangesSince(ctx, 1795442822000004, noCheck)
			return err
		},
		method: "GET", path: "/api/jobs/jobchangessince/1795442822000004",
		status: 200, answer: `{"jobChanges":[],"lastSequenceNumber":7}`,
	},
	{
		name:   "cancel a job",
		doing:  "cancel job a/b c",
		call:   func(ctx context.Context, c *dqops.Client) error { return c.CancelJob(ctx, "a/b c") },
		method: "DELETE", path: "/api/jobs/jobs/a%2Fb%20c", status: 204,
	},
	{
		name:  "read a status",
		doing: "read the status of table my shop: a/b.orders.csv",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.TableStatus(ctx, orders, dqops.StatusQuery{Months: 120, Partitioned: true})
			return err
		},
		method: "GET", path: ordersPath + "/status", query: "monitoring=false&months=120&partitioned=true&profiling=false",
		status: 200, answer: `{"checks":{},"columns":{}}`, what: "table my shop: a/b.orders.csv",
	},
	{
		name:  "search tables",
		doing: "search tables",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.SearchTables(ctx, "my shop", "files*", "", 2)
			return err
		},
		method: "GET", path: "/api/search/tables", query: "connection=my+shop&limit=1000&page=2&schema=files%2A",
		status: 200, answer: `[]`,
	},
	{
		name:  "the first tables",
		doing: "search tables",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.FirstTables(ctx, "my shop", "files", "ord*", 300)
			return err
		},
		method: "GET", path: "/api/search/tables", query: "connection=my+shop&limit=300&schema=files&table=ord%2A",
		status: 200, answer: `[]`,
	},
	{
		name:  "read results",
		doing: "read the results of my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
		call: autumn(func(c *dqops.Client, ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) error {
			_, err := c.CheckResults(ctx, p, q)
			return err
		}),
		method: "GET", path: amountsPath + "/results", query: autumnQuery, status: 200, answer: `[]`,
		what: "table or column my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
	},
	{
		name:  "read readouts",
		doing: "read the readouts of my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
		call: autumn(func(c *dqops.Client, ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) error {
			_, err := c.SensorReadouts(ctx, p, q)
			return err
		}),
		method: "GET", path: amountsPath + "/readouts", query: autumnQuery, status: 200, answer: `[]`,
		what: "table or column my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
	},
	{
		name:  "read errors",
		doing: "read the errors of my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
		call: autumn(func(c *dqops.Client, ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) error {
			_, err := c.CheckErrors(ctx, p, q)
			return err
		}),
		method: "GET", path: amountsPath + "/errors", query: autumnQuery, status: 200, answer: `[]`,
		what: "table or column my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
	},
}
