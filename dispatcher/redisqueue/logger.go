package redisqueue

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// go-redis writes each failed dial to the standard error by itself. The same
// failures come back as errors, which are logged once and where they matter.
func init() { redis.SetLogger(silence{}) } //nolint:gochecknoinits // it cannot be set safely once a client runs

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// logger passes what asynq says on to slog.
type logger struct{ to *slog.Logger }

func (l logger) Debug(args ...any) { l.to.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l logger) Info(args ...any)  { l.to.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l logger) Warn(args ...any)  { l.to.Warn("asynq", "message", fmt.Sprint(args...)) }
func (l logger) Error(args ...any) { l.to.Error("asynq", "message", fmt.Sprint(args...)) }

// Fatal logs only: a library must not end the process.
func (l logger) Fatal(args ...any) { l.to.Error("asynq", "message", fmt.Sprint(args...)) }
