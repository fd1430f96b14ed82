package redisqueue

import (
	"fmt"
	"log/slog"
)

// logger passes what asynq says on to slog.
type logger struct{ to *slog.Logger }

func (l logger) Debug(args ...any) { l.to.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l logger) Info(args ...any)  { l.to.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l logger) Warn(args ...any)  { l.to.Warn("asynq", "message", fmt.Sprint(args...)) }
func (l logger) Error(args ...any) { l.to.Error("asynq", "message", fmt.Sprint(args...)) }

// Fatal logs only: a library must not end the process.
func (l logger) Fatal(args ...any) { l.to.Error("asynq", "message", fmt.Sprint(args...)) }
