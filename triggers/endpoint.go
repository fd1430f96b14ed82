package triggers

import "time"

// EndpointState says whether an endpoint gets deliveries.
type EndpointState string

// The states of an endpoint.
const (
	EndpointActive   EndpointState = "active"
	EndpointDisabled EndpointState = "disabled" // gets nothing; changes are recorded, deliveries are not made
	EndpointPaused   EndpointState = "paused"   // deliveries wait until it is active again
)

// Ordered says which order an endpoint's deliveries keep.
type Ordered string

// The values of Endpoint.Ordered.
const (
	Unordered     Ordered = "none"
	OrderedTicket Ordered = "ticket" // one after another for each ticket
)

// OnFailure says what an ordered endpoint does behind an exhausted delivery.
type OnFailure string

// The values of Endpoint.OnFailure.
const (
	OnFailureBlock OnFailure = "block" // later deliveries of the ticket wait until somebody redelivers or cancels
	OnFailureSkip  OnFailure = "skip"  // later deliveries go on
)

// Endpoint is a URL that gets webhooks in the format of one system.
type Endpoint struct {
	ID        string `json:"id"`
	Workspace string `json:"-"`
	Name      string `json:"name"`
	URL       string `json:"url"`
	System    string `json:"system"`
	Revision  string `json:"revision"`

	Signing Signing           `json:"signing"`
	Headers map[string]string `json:"headers,omitempty"`
	Auth    Auth              `json:"auth"`

	TimeoutSeconds int     `json:"timeout_seconds"` // for one attempt, 1 to 60
	Retry          Retry   `json:"retry"`
	RatePerSecond  float64 `json:"rate_per_second,omitempty"` // 0 is no limit
	MaxInFlight    int     `json:"max_in_flight"`

	Ordered   Ordered   `json:"ordered"`
	OnFailure OnFailure `json:"on_failure"`

	State       EndpointState `json:"state"`
	StateReason string        `json:"state_reason,omitempty"`
	StateSince  time.Time     `json:"state_since,omitzero"`
	// BreakerClosedAt is when somebody closed the circuit breaker by hand last.
	BreakerClosedAt time.Time `json:"breaker_closed_at,omitzero"`

	// Settings hold what only the endpoint's system knows, by the names of
	// its data sheet.
	Settings map[string]string `json:"settings,omitempty"`

	// InsecureTLS and AllowHTTP relax the system's rules for this endpoint;
	// only an administrator may set them, and only development wants them.
	AllowHTTP   bool `json:"allow_http,omitempty"`
	InsecureTLS bool `json:"insecure_tls,omitempty"`

	TLS *ClientTLS `json:"tls,omitempty"`

	// PrivateNotes lets the bodies of private notes into what the endpoint is sent.
	PrivateNotes bool `json:"private_notes,omitempty"`

	Version   int       `json:"version"`
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`

	// Sealed holds the endpoint's secrets, encrypted; never shown.
	Sealed Sealed `json:"-"`
}

// Signing chooses how requests are signed.
type Signing struct {
	Scheme string `json:"scheme"`           // a name of package signing, or none
	Header string `json:"header,omitempty"` // for schemes whose header the user chooses
}

// AuthType says how a request authenticates itself to the receiver.
type AuthType string

// The values of Auth.Type.
const (
	AuthNone   AuthType = "none"
	AuthBasic  AuthType = "basic"
	AuthBearer AuthType = "bearer"
	AuthAPIKey AuthType = "api_key"
)

// Auth is the receiver's credentials. Password, Token and Key are secrets:
// accepted on input, never shown.
type Auth struct {
	Type     AuthType `json:"type"`
	User     string   `json:"user,omitempty"`     // basic
	Password string   `json:"password,omitempty"` // basic, write only
	Token    string   `json:"token,omitempty"`    // bearer, write only
	Header   string   `json:"header,omitempty"`   // api_key: the header's name
	Key      string   `json:"key,omitempty"`      // api_key, write only
}

// Retry says when a failed delivery is tried again: exponentially between
// InitialSeconds and MaxSeconds, or after each of ScheduleSeconds in turn.
type Retry struct {
	MaxAttempts     int       `json:"max_attempts,omitempty"`
	InitialSeconds  float64   `json:"initial_seconds,omitempty"`
	MaxSeconds      float64   `json:"max_seconds,omitempty"`
	ScheduleSeconds []float64 `json:"schedule_seconds,omitempty"`
}

// ClientTLS adds a certificate authority and a client certificate, in PEM.
type ClientTLS struct {
	CA   string `json:"ca,omitempty"`
	Cert string `json:"cert,omitempty"`
	Key  string `json:"key,omitempty"` // write only
}

// Sealed holds encrypted secrets by their name. Signing secrets stand newest
// first, each with the time until which it signs.
type Sealed struct {
	Secrets  []SealedSecret `json:"secrets,omitempty"`
	Password string         `json:"password,omitempty"`
	Token    string         `json:"token,omitempty"`
	Key      string         `json:"key,omitempty"`
	TLSKey   string         `json:"tls_key,omitempty"`
}

// SealedSecret is one encrypted signing secret.
type SealedSecret struct {
	ID        string    `json:"id"`
	Sealed    string    `json:"sealed"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero: does not expire
}
