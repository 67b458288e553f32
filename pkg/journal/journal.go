// Package journal remembers the jobs that this machine started, so that they are
// found again after a process was killed: a file of lines that is only appended
// to, safe under parallel processes and bounded in size. It survives the death of
// a process at any moment. The line that a request is about to be sent is brought
// to the disk before that, so that it survives a crash of the whole machine, too;
// what became of the job the server can tell again. It holds no secrets and is
// never a reason to fail. It is internal to dqoctl and may change without notice.
package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// DefaultSize is how long the file may become before the oldest jobs are dropped:
// some thousand jobs.
const DefaultSize = 1 << 20

// Journal is the file as seen from one server and data domain. A nil one keeps
// nothing.
type Journal struct {
	// File is its path; empty keeps nothing.
	File string
	Scope
	// Size bounds the file; 0 is DefaultSize.
	Size int
	// Warn hears the first error of writing. May be nil.
	Warn func(error)

	mutex  sync.Mutex
	failed bool
}

// Entry is a job that is being written about. A nil one is not.
type Entry struct {
	journal *Journal
	name    string
}

// Begin writes that a request is about to be sent. When it returns the disk has the
// line, where the file system gives such a promise.
func (j *Journal) Begin(ctx context.Context, job Job) *Entry {
	if j == nil || j.File == "" {
		return nil
	}
	random := make([]byte, 8)
	_, _ = rand.Read(random) // documented never to fail
	job.Entry, job.At, job.Scope = hex.EncodeToString(random), time.Now().UTC(), j.Scope
	j.writeDurably(ctx, job)
	return &Entry{j, job.Entry}
}

// Started writes the id that the server gave the job.
func (e *Entry) Started(ctx context.Context, id int64) {
	if e != nil {
		e.journal.write(ctx, Job{Entry: e.name, ID: id})
	}
}

// Over writes what became of a job that has no id.
func (e *Entry) Over(ctx context.Context, status string) {
	if e != nil {
		e.journal.write(ctx, Job{Entry: e.name, Status: status})
	}
}

// Entry is that of a job which was read.
func (j *Journal) Entry(job Job) *Entry {
	if j == nil || j.File == "" {
		return nil
	}
	return &Entry{j, job.Entry}
}

// Ended writes what became of a job if this machine knows it and not yet its end.
func (j *Journal) Ended(ctx context.Context, id int64, status string) {
	if j == nil || j.File == "" {
		return
	}
	data, err := os.ReadFile(j.File)
	// Most jobs that are followed are not in it, and that is seen quickly.
	if err != nil || !bytes.Contains(data, []byte(`"id":`+strconv.FormatInt(id, 10))) {
		return
	}
	for _, job := range fold(data) {
		if job.Scope == j.Scope && job.ID == id && job.Open() {
			j.write(ctx, Job{Entry: job.Entry, Status: status})
		}
	}
}

// Jobs reads the jobs of this server and data domain, the newest first. That there
// is no file, or no place for one, is no error.
func (j *Journal) Jobs() ([]Job, error) {
	if j == nil || j.File == "" {
		return nil, nil
	}
	data, err := os.ReadFile(j.File)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the journal of started jobs: %w", err)
	}
	return j.of(fold(data)), nil
}

// isMissing also holds when the home folder is no folder, as for system users.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func (j *Journal) write(ctx context.Context, job Job) { j.add(ctx, job, false) }

func (j *Journal) writeDurably(ctx context.Context, job Job) { j.add(ctx, job, true) }

// add appends one line. After an error, which is said, nothing more is tried: what
// follows would wait in vain for the same lock.
func (j *Journal) add(ctx context.Context, job Job, durable bool) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if j.failed {
		return
	}
	// What is written after an interrupt is as true as before.
	err := j.append(context.WithoutCancel(ctx), encode(job), durable)
	if err == nil {
		return
	}
	j.failed = true
	if j.Warn != nil {
		j.Warn(fmt.Errorf("write the journal of started jobs: %w", err))
	}
}

func (j *Journal) append(ctx context.Context, line []byte, durable bool) error {
	folder := filepath.Dir(j.File)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	unlock, err := acquire(ctx, j.File+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := j.rotate(len(line)); err != nil {
		return err
	}
	file, err := os.OpenFile(j.File, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	err = appendLine(file, line)
	if err == nil && durable {
		bringToDisk(file)
	}
	return errors.Join(err, file.Close())
}

// bringToDisk asks for what not every file system gives. Its errors are none of
// ours: the line is written and outlives this process all the same.
func bringToDisk(file *os.File) {
	_ = file.Sync()
	// A file that is new, or in the place of another, is not found without its folder.
	if folder, err := os.Open(filepath.Dir(file.Name())); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// appendLine begins a new line also after one that a killed process tore.
func appendLine(file *os.File, line []byte) error {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	last := []byte{'\n'}
	if end > 0 {
		if _, err := file.ReadAt(last, end-1); err != nil {
			return err
		}
	}
	if last[0] != '\n' {
		line = append([]byte{'\n'}, line...)
	}
	_, err = file.Write(line)
	return err
}

func (j *Journal) size() int {
	if j.Size > 0 {
		return j.Size
	}
	return DefaultSize
}

// rotate makes room for more when the file is full: it puts one in its place that
// holds the jobs which matter in half the room. Readers see the one or the other,
// whole.
func (j *Journal) rotate(more int) error {
	info, err := os.Stat(j.File)
	if err != nil || info.Size()+int64(more) <= int64(j.size()) {
		return nil //nolint:nilerr // there is none yet, or opening it tells what is wrong
	}
	data, err := os.ReadFile(j.File)
	if err != nil {
		return err
	}
	short, err := os.CreateTemp(filepath.Dir(j.File), "jobs-*.tmp") // 0600
	if err != nil {
		return err
	}
	_, err = short.Write(compact(data, j.size()/2))
	_ = short.Sync() // before the old file goes; see bringToDisk
	// Windows renames no open file.
	if err = errors.Join(err, short.Close()); err == nil {
		err = os.Rename(short.Name(), j.File)
	}
	if err != nil {
		return errors.Join(err, os.Remove(short.Name()))
	}
	return nil
}
