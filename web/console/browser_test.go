package console_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/hookdesk/hookdesk/web/console/consoletest"
)

// screenshotsVariable names the folder into which TestPictures writes; without
// it the pictures go to a temporary one.
const screenshotsVariable = "HOOKDESK_SCREENSHOTS"

// browser is a tab of a headless browser that notes what must not happen.
type browser struct {
	ctx  context.Context
	base string

	mu     sync.Mutex
	faults []string
}

// browse starts a browser with a fresh profile at the console's sign-in. A
// browser has to be there: the console is not tested without one.
func browse(t *testing.T, base string) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("chromium is not installed; the browser tests need it")
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-dev-shm-usage", true))
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b := &browser{ctx: ctx, base: base}
	b.run(t, chromedp.Navigate("about:blank"))
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	b.call(t, func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
		return err
	})
	return b
}

// note collects errors of the console and requests to other origins.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, fmt.Sprintf("exception: %s", e.ExceptionDetails.Text))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 422") {
			b.faults = append(b.faults, "console: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		go b.accept()
	case *network.EventRequestWillBeSent:
		url := e.Request.URL
		if !strings.HasPrefix(url, b.base) && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "about:") && !strings.HasPrefix(url, "chrome") {
			b.faults = append(b.faults, "request to "+url)
		}
	}
}

// accept says yes to a question of the page. A test that the page does not
// leave behind fails by itself.
func (b *browser) accept() {
	_, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
}

// check fails the test for what was noted since the last check.
func (b *browser) check(t *testing.T, where string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, fault := range b.faults {
		t.Errorf("%s: %s", where, fault)
	}
	b.faults = nil
}

func (b *browser) call(t *testing.T, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := do(ctx); err != nil {
		t.Fatal(err)
	}
}

// run carries out steps; the first starts the browser, so that it must not
// run under a time limit of its own.
func (b *browser) run(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if chromedp.FromContext(b.ctx) == nil || chromedp.FromContext(b.ctx).Target == nil {
		if err := chromedp.Do(b.ctx, steps...); err != nil {
			t.Fatal(err)
		}
		return
	}
	b.call(t, func(ctx context.Context) error { return chromedp.Do(ctx, steps...) })
}

func (b *browser) open(t *testing.T, path string) {
	t.Helper()
	b.call(t, func(ctx context.Context) error {
		err := chromedp.Do(ctx, chromedp.Navigate(b.base+path))
		if err != nil && strings.Contains(err.Error(), "ERR_ABORTED") {
			// The page before was still on its way; it has gone now.
			err = chromedp.Do(ctx, chromedp.Navigate(b.base+path))
		}
		return err
	})
}

// waitCalm waits until a script is true and htmx has taken in what it loaded.
func (b *browser) waitCalm(t *testing.T, script string) {
	t.Helper()
	b.waitFor(t, `!document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added") && (`+script+`)`)
}

func (b *browser) signIn(t *testing.T) {
	t.Helper()
	b.open(t, "/signin")
	b.run(t, chromedp.SendKeys(chromedp.CSS("#token"), consoletest.AdminToken+"\r"))
	b.waitFor(t, `location.pathname === "/"`)
}

// eval returns the value of a script in the page.
func eval[T any](t *testing.T, b *browser, script string) T {
	t.Helper()
	var value T
	b.call(t, func(ctx context.Context) error {
		var err error
		value, err = chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
		return err
	})
	return value
}

// waitFor waits until a script in the page is true.
func (b *browser) waitFor(t *testing.T, script string) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		// A page that is just being left cannot be asked; ask the next one.
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+script+")"))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s did not become true (%v) at %s:\n%s", script, err, eval[string](t, b, "location.href"), eval[string](t, b, "document.body.innerText"))
		}
		time.Sleep(30 * time.Millisecond)
	}
}

func (b *browser) screen(t *testing.T, width int64, scheme string) {
	t.Helper()
	b.call(t, func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: width < 500,
		}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// A person signs in, makes an endpoint and a nested trigger, acts on a ticket,
// watches the webhook land, and finds it in the log: with the mouse and the
// keyboard.
func TestBrowserMainFlow(t *testing.T) {
	b := browse(t, open(t).URL)
	b.signIn(t)
	b.check(t, "signing in")

	b.open(t, "/endpoints/new")
	b.run(t, chromedp.Click(chromedp.CSS(`input[value="supportservice"]`)))
	b.waitFor(t, `document.querySelector("#in-name")`)
	b.run(t, chromedp.SendKeys(chromedp.CSS("#in-name"), "Browser receiver"), chromedp.SendKeys(chromedp.CSS("#in-url"), stage.Receiver.URL+"/fail/browser"),
		chromedp.Click(chromedp.CSS(`input[name="allow_http"]`)))
	b.run(t, chromedp.Click(chromedp.CSS(`form[action="/endpoints"] button.primary`)))
	b.waitFor(t, `document.body.innerText.includes("Browser receiver") && document.body.innerText.includes("Health")`)
	b.check(t, "making an endpoint")
	endpoint := endpointNamed(t, "Browser receiver")

	b.open(t, "/triggers/new?system=supportservice&endpoint="+endpoint)
	b.run(t, chromedp.SendKeys(chromedp.CSS("#name"), "Browser trigger"), chromedp.Click(chromedp.CSS(`button[value="add-leaf:n"]`)))
	b.waitCalm(t, `document.querySelector('[name="n.0.field"]')`)
	eval[bool](t, b, `(() => { const f = document.querySelector('[name="n.0.field"]'); f.value = "subject"; f.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
	b.waitCalm(t, `[...(document.querySelector('[name="n.0.op"]')?.options ?? [])].some(o => o.value === "contains")`)
	eval[bool](t, b, `(() => { const f = document.querySelector('[name="n.0.op"]'); f.value = "contains"; f.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
	b.waitCalm(t, `document.querySelector('[name="n.0.op"]')?.value === "contains" && !document.querySelector(".htmx-request")`)
	b.run(t, chromedp.SendKeys(chromedp.CSS(`[name="n.0.value"]`), "browser"), chromedp.Click(chromedp.CSS(`button[value="add-group:n"]`)))
	b.waitCalm(t, `document.querySelector('[name="n.1.join"]') && document.querySelector('[name="n.0.value"]').value === "browser" && document.querySelector("#name").value === "Browser trigger"`)
	b.run(t, chromedp.SendKeys(chromedp.CSS(`[name="n.1.0.value"]`), "Open"), chromedp.Click(chromedp.CSS(`#editor .row button.primary`)))
	b.waitFor(t, `document.body.innerText.includes("Made the trigger")`)
	b.check(t, "making a trigger")

	b.open(t, "/tickets/new")
	b.run(t, chromedp.SendKeys(chromedp.CSS("#subject"), "a browser at work"), chromedp.SendKeys(chromedp.CSS("#number"), "BROWSER-1"), chromedp.Click(chromedp.CSS("form.card button.primary")))
	b.waitFor(t, `location.pathname === "/tickets/BROWSER-1"`)
	b.waitFor(t, `document.querySelector("#caused").innerText.includes("503")`)
	b.check(t, "acting on a ticket")

	b.open(t, "/log")
	b.run(t, chromedp.KeyEvent("/"))
	b.waitFor(t, `document.activeElement.id === "ticket"`)
	// The protocol types the character all the same; a keyboard does not.
	eval[bool](t, b, `(document.activeElement.value = "", true)`)
	b.run(t, chromedp.SendKeys(chromedp.CSS("#error"), "503 Service"), chromedp.SendKeys(chromedp.CSS("#ticket"), "BROWSER-1\r"))
	b.waitFor(t, `location.search.includes("BROWSER-1") && document.querySelectorAll("#rows tr").length > 0`)
	if search := eval[string](t, b, "location.search"); strings.Contains(search, "from=") {
		t.Errorf("empty fields are in the address: %s", search)
	}
	b.run(t, chromedp.Click(chromedp.CSS("#rows tr:first-child td:last-child a")))
	b.waitFor(t, `location.pathname.startsWith("/deliveries/")`)

	b.open(t, enter(t).first(t, "/log?ticket=527331&system=superoffice&outcome=succeeded", `/deliveries/dlv_[0-9a-z]+`))
	first := eval[string](t, b, "location.pathname")
	b.run(t, chromedp.Click(chromedp.CSS(`form[action$="/redeliver"] button`)))
	b.waitFor(t, `location.pathname.startsWith("/deliveries/") && location.pathname !== "`+first+`" && document.body.innerText.includes("Sent again")`)
	b.check(t, "redelivering")
}

// The live tail shows an attempt that is made while one watches.
func TestBrowserLiveTail(t *testing.T) {
	s := open(t)
	b := browse(t, s.URL)
	b.signIn(t)
	b.open(t, "/log?ticket=TAIL-1")
	b.run(t, chromedp.Click(chromedp.CSS("[data-tail]")))
	b.waitFor(t, `document.querySelector("#tail-state").textContent === "watching"`)
	enter(t).post(t, "/tickets", "number", "TAIL-1", "subject", "tail", "status", "Open")
	b.waitFor(t, `document.querySelectorAll("#rows tr.fresh").length > 0`)
	b.run(t, chromedp.Click(chromedp.CSS("[data-tail]")))
	b.waitFor(t, `document.querySelector("[data-tail]").textContent === "Live tail"`)
	b.check(t, "the live tail")
}

// Dragging over the histogram narrows the range of the log.
func TestBrowserHistogram(t *testing.T) {
	b := browse(t, open(t).URL)
	b.signIn(t)
	b.open(t, "/log")
	b.waitFor(t, `document.querySelector(".histogram svg")`)
	eval[bool](t, b, `(() => {
		const svg = document.querySelector(".histogram svg"), box = svg.getBoundingClientRect();
		const fire = (type, part) => svg.dispatchEvent(new PointerEvent(type, {bubbles: true, button: 0, clientX: box.left + box.width * part, clientY: box.top + 20}));
		fire("pointerdown", 0.25); fire("pointermove", 0.5); fire("pointerup", 0.5);
		return true;
	})()`)
	b.waitFor(t, `location.search.includes("from=") && location.search.includes("to=")`)
	b.check(t, "dragging")
}

// The histogram is read and narrowed with the keyboard: one bar is a stop of
// the Tab key, arrows move, Shift with them selects, Enter narrows.
func TestBrowserHistogramKeyboard(t *testing.T) {
	b := browse(t, open(t).URL)
	b.signIn(t)
	for _, page := range []string{"/log?last=1h", "/"} {
		b.open(t, page)
		b.waitFor(t, `document.querySelectorAll("svg.bars a").length > 4`)
		if stops := eval[int](t, b, `document.querySelectorAll('svg.bars a[tabindex="0"]').length`); stops != 1 {
			t.Fatalf("%s: %d bars are stops of the Tab key, want 1", page, stops)
		}
		eval[bool](t, b, `(document.querySelector('svg.bars a[tabindex="0"]').focus(), true)`)
		focused := func() int {
			return eval[int](t, b, `[...document.querySelectorAll("svg.bars a")].indexOf(document.activeElement)`)
		}
		last := focused()
		b.run(t, chromedp.KeyEvent(kb.ArrowLeft))
		if at := focused(); at != last-1 {
			t.Fatalf("%s: the arrow leads from bar %d to %d", page, last, at)
		}
		b.run(t, chromedp.KeyEvent(kb.ArrowLeft, chromedp.KeyModifiers(kb.ModifierShift)))
		b.run(t, chromedp.KeyEvent(kb.ArrowLeft, chromedp.KeyModifiers(kb.ModifierShift)))
		if chosen := eval[int](t, b, `document.querySelectorAll("svg.bars a.chosen").length`); chosen != 3 {
			t.Fatalf("%s: %d bars are chosen, want 3", page, chosen)
		}
		b.run(t, chromedp.KeyEvent(kb.Enter))
		b.waitFor(t, `location.pathname === "/log" && location.search.includes("to=")`)
		if span := eval[float64](t, b, `(q => (new Date(q.get("to") + "Z") - new Date(q.get("from") + "Z")) / 60000)(new URLSearchParams(location.search))`); span != 3 {
			t.Errorf("%s: the range is %v minutes long, want 3", page, span)
		}
	}
	b.open(t, "/log")
	if rows, links := eval[int](t, b, `document.querySelectorAll(".figures li").length`), eval[int](t, b, `document.querySelectorAll(".figures li a[href*='from=']").length`); rows == 0 || links != rows {
		t.Errorf("in figures the chart has %d lines and %d links", rows, links)
	}
	b.check(t, "using the histogram with the keyboard")
}

// Nothing that strangers wrote runs.
func TestBrowserHostileText(t *testing.T) {
	s := enter(t)
	b := browse(t, s.URL)
	b.signIn(t)
	for _, path := range everyPage(t, s) {
		b.open(t, path)
		if images := eval[int](t, b, `document.images.length`); images > 0 {
			t.Errorf("%s: %d images came out of text", path, images)
		}
	}
	b.check(t, "showing hostile text")
}

// Without scripts the log filters and a ticket can be acted upon.
func TestBrowserWithoutScripts(t *testing.T) {
	b := browse(t, open(t).URL)
	b.call(t, func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
	text := func() string {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		defer cancel()
		// A page that is just being left cannot be read; the next one can.
		text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
		if err != nil {
			return ""
		}
		return text
	}
	press := func(selector, want string) {
		t.Helper()
		b.run(t, chromedp.Click(chromedp.CSS(selector)))
		deadline := time.Now().Add(10 * time.Second)
		for !strings.Contains(text(), want) {
			if time.Now().After(deadline) {
				t.Fatalf("after pressing %s the page lacks %q:\n%s", selector, want, text())
			}
			time.Sleep(30 * time.Millisecond)
		}
	}
	b.open(t, "/signin")
	b.run(t, chromedp.SendKeys(chromedp.CSS("#token"), consoletest.AdminToken))
	press("button.primary", "Overview")
	b.open(t, "/log")
	b.run(t, chromedp.SendKeys(chromedp.CSS("#ticket"), "NONE-SUCH"))
	press(`form[action="/log"] button.primary`, "Nothing matches")
	b.open(t, "/triggers/new?system=faveo")
	press(`button[value="add-leaf:n"]`, "is any of")
	b.open(t, "/tickets/RTL-1")
	b.run(t, chromedp.SendKeys(chromedp.CSS("#body"), "without a script"))
	press(`button[value="reply"]`, "Replied.")
	b.check(t, "without scripts")
}

// pictures are the pages that TestPictures takes.
var pictures = []struct{ name, path string }{
	{"overview", "/"},
	{"log", "/log"},
	{"triggers", "/triggers"},
	{"endpoints", "/endpoints"},
	{"tickets", "/tickets"},
	{"ticket", "/tickets/HDSK-AAAA-0122"},
	{"explain", "/tickets/HDSK-AAAA-0122/explain"},
	{"systems", "/systems"},
	{"system", "/systems/superoffice"},
	{"operations", "/operations"},
}

// Pictures of the main pages can be taken, wide and narrow, light and dark.
func TestPictures(t *testing.T) {
	folder := os.Getenv(screenshotsVariable)
	if folder == "" {
		folder = t.TempDir()
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	const deliveries = 20_000
	shown, err := consoletest.New(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shown.Close)
	showcase, err := shown.Showcase(deliveries, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := shown.Settled("*", "", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	s := openStage(t, shown)
	s.signIn(t)
	b := browse(t, s.URL)
	b.signIn(t)
	list := pictures
	list = append(list, struct{ name, path string }{"trigger-editor", "/triggers/" + showcase.Triggers[0].ID + "/edit"})
	list = append(list, struct{ name, path string }{"configuration", "/operations/configuration"})
	list = append(list, struct{ name, path string }{"delivery", s.first(t, "/log?ticket=527331&system=superoffice", `/deliveries/dlv_[0-9a-z]+`)})
	for _, screen := range []struct {
		suffix, scheme string
		width          int64
	}{{"", "light", 1280}, {"-dark", "dark", 1280}, {"-narrow", "light", 390}, {"-narrow-dark", "dark", 390}} {
		b.screen(t, screen.width, screen.scheme)
		for _, p := range list {
			b.open(t, p.path)
			var picture []byte
			b.call(t, func(ctx context.Context) error {
				var err error
				picture, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
				return err
			})
			const least = 8 << 10 // an empty page is smaller
			if len(picture) < least {
				t.Errorf("%s%s: the picture has only %d bytes", p.name, screen.suffix, len(picture))
			}
			if err := os.WriteFile(filepath.Join(folder, p.name+screen.suffix+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.check(t, "taking pictures")
}
