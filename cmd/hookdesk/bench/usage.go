package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used so far.
type usage struct {
	cpu    time.Duration
	memory int64 // resident, in bytes
}

// clockTick is the unit of processor times in /proc: USER_HZ, which is 100 on
// every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// processUsage reads /proc; without it, or without the process, it returns
// zeros.
func processUsage(pid int) usage {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if pid == 0 || err != nil {
		return usage{}
	}
	// The second field, the name, may contain spaces; it ends with the last
	// parenthesis. utime, stime and rss are fields 14, 15 and 24.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 22 {
		return usage{}
	}
	number := func(field int) int64 {
		n, _ := strconv.ParseInt(fields[field-3], 10, 64)
		return n
	}
	return usage{
		cpu:    time.Duration(number(14)+number(15)) * clockTick,
		memory: number(24) * int64(os.Getpagesize()),
	}
}
