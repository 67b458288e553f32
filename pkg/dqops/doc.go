// Package dqops is a client of the jobs REST API of the DQOps data quality
// server, version 1.13.2: transport, operations, models and typed errors.
//
// It needs the standard library only and is meant to be imported by other
// programs too. It does one call at a time and says exactly what the server
// answered; it neither retries nor judges. What the server really does, where
// its documentation differs, is written down in docs/jobs-api.md; comments cite
// it as "wire" with a section or a trap number.
package dqops
