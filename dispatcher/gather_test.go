package dispatcher

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAttemptsThatEndTogetherAreRecordedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan sent, 5)
		for _, after := range []time.Duration{0, gatherFor / 2, gatherFor * 3, gatherFor*3 + gatherFor/2, gatherFor * 9} {
			time.AfterFunc(after, func() { ended <- sent{} })
		}
		began := time.Now()
		var sizes []int
		for left := 5; left > 0; {
			group := gather(ended, left)
			left -= len(group)
			sizes = append(sizes, len(group))
		}
		if len(sizes) != 3 || sizes[0] != 2 || sizes[1] != 2 || sizes[2] != 1 {
			t.Errorf("groups of %v, want 2, 2 and 1", sizes)
		}
		if took := time.Since(began); took != gatherFor*9 {
			t.Errorf("the last was recorded after %s, want %s: nobody is left to wait for", took, gatherFor*9)
		}
	})
}
