package config

// What an endpoint may hold, for those who describe it.
const (
	MaxNameLength     = maxName    // characters, of every name
	MaxSettingBytes   = maxSetting // of a setting, and of a saved search
	MaxHeaders        = maxHeaders // that an endpoint adds
	MinTimeoutSeconds = minTimeout
	MaxTimeoutSeconds = maxTimeout
	MaxInFlight       = maxInFlight
	MaxRatePerSecond  = maxRate
	MaxAttempts       = maxAttempts
	MaxSchedule       = maxSchedule     // entries of retry.schedule_seconds
	MaxRetrySeconds   = maxRetrySeconds // between two attempts
	MaxCredential     = maxCredential   // bytes of a password, a token or a key
	MaxRetentionDays  = maxDays
)
