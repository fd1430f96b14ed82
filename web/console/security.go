package console

import "net/http"

// Policy is the content security policy of every page: nothing but the
// console's own files, and no inline script or style, so that text written by
// strangers cannot run even where escaping should fail.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// maxForm is the most that a posted form may measure, in bytes.
const maxForm = 1 << 20

// Headers sets the headers that protect a page.
func Headers(h http.Header) {
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

// secured sets the protecting headers, refuses what another site's page
// sends, and caps posted forms.
func secured(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "This form was sent by another site, and is refused. Open the console itself and try again.", http.StatusForbidden)
	}))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Headers(w.Header())
		if r.Body != nil {
			limit := int64(maxForm)
			if r.URL.Path == configurationPath {
				limit = maxConfigurationForm
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
		}
		guarded.ServeHTTP(w, r)
	})
}
