package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

const (
	// askedGrams is how many trigrams a question to a text index names. Each
	// means to go through the rows that have it, though past most of them
	// where one that is rare goes first.
	askedGrams = 5
	// frequentGram is how often all trigrams of a text are in a sample of which
	// two are named only: more would leave out little and cost as much as those.
	frequentGram  = 10
	frequentAsked = 2
	// samplePlaces and sampleRows are from how many places of a table, and how
	// many rows from each, the sample of its texts is; it is good for
	// sampleUses searches.
	samplePlaces = 40
	sampleRows   = 40
	sampleUses   = 2000
)

// grams knows about how many rows of a text index have a trigram, from a
// sample.
type grams struct {
	read *sql.DB
	// table has the texts, numbered by id. query lists those from $1 on: it
	// reads at most sampleReads rows for at most sampleRows of them.
	table, query string

	mu    sync.Mutex
	uses  int
	count map[string]int // of texts in the sample that have it
}

// sampleReads is how many rows are read for a sample from one place.
const sampleReads = 10 * sampleRows

// gramsOf returns what is known of each text index.
func gramsOf(read *sql.DB) map[string]*grams {
	return map[string]*grams{
		"attempt_errors": {
			read: read, table: "attempts",
			query: `SELECT error FROM (SELECT error, outcome FROM attempts WHERE id >= $1 ORDER BY id LIMIT $2) WHERE outcome = 2 LIMIT $3`,
		},
		"number_grams": {
			read: read, table: "numbers",
			query: `SELECT folded FROM (SELECT folded FROM numbers WHERE id >= $1 ORDER BY id LIMIT $2) LIMIT $3`,
		},
	}
}

// rarest returns some trigrams that every row has which contains the texts,
// the rarest first.
func (g *grams) rarest(folded []string) []string {
	var all []string
	for _, text := range folded {
		for _, gram := range criteria.Trigrams(text) {
			if !slices.Contains(all, gram) {
				all = append(all, gram)
			}
		}
	}
	if len(all) <= 1 || g == nil {
		return all
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.count == nil || g.uses >= sampleUses {
		g.uses, g.count = 0, g.sample()
	}
	g.uses++
	all = spread(all)
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(g.count[a], g.count[b]) })
	if len(folded) == 1 && g.count[all[0]] >= frequentGram {
		return all[:frequentAsked]
	}
	return all[:min(len(all), askedGrams)]
}

// spread reorders trigrams so that the first ones come from all over the text,
// for when nothing else tells them apart.
func spread(all []string) []string {
	out := make([]string, 0, len(all))
	stride := max(1, len(all)/askedGrams)
	for offset := range stride {
		for i := offset; i < len(all); i += stride {
			out = append(out, all[i])
		}
	}
	return out
}

// sample counts the trigrams of some texts. Without them, for what reason
// ever, searches are right all the same.
func (g *grams) sample() map[string]int {
	count := map[string]int{}
	ctx := context.Background()
	var first, last sql.NullInt64
	if err := g.read.QueryRowContext(ctx, `SELECT (SELECT min(id) FROM `+g.table+`), (SELECT max(id) FROM `+g.table+`)`).Scan(&first, &last); err != nil || !last.Valid {
		return count
	}
	for place := range int64(samplePlaces) {
		from := first.Int64 + (last.Int64-first.Int64)/samplePlaces*place
		for _, text := range g.textsFrom(ctx, from) {
			for gram := range distinctGrams(criteria.Fold(text)) {
				count[gram]++
			}
		}
	}
	return count
}

func (g *grams) textsFrom(ctx context.Context, from int64) []string {
	rows, err := g.read.QueryContext(ctx, g.query, from, sampleReads, sampleRows)
	if err != nil {
		return nil
	}
	defer rows.Close()
	var texts []string
	for rows.Next() {
		var text string
		if rows.Scan(&text) != nil {
			break
		}
		texts = append(texts, text)
	}
	if rows.Err() != nil {
		return nil
	}
	return texts
}

func distinctGrams(folded string) map[string]bool {
	runes := []rune(folded)
	out := make(map[string]bool, len(runes))
	for i := 0; i+3 <= len(runes); i++ {
		out[string(runes[i:i+3])] = true
	}
	return out
}

// allOf is the question for rows that have all trigrams.
func allOf(grams []string) string {
	quoted := make([]string, len(grams))
	for i, gram := range grams {
		quoted[i] = `"` + strings.ReplaceAll(gram, `"`, `""`) + `"`
	}
	return strings.Join(quoted, " AND ")
}
