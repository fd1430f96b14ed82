package signing

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// secretLabels are put before a secret, or left off, by mistake.
var secretLabels = []string{"v1,whsec_", "v1,", "v1a,", "sha256=", "whsec_"}

// secretVariants lists the keys that a mistaken use of a secret makes.
func secretVariants(form form, secret string) []variant[[]byte] {
	if form.asymmetric {
		return publicKeyVariants(form, secret)
	}
	var list []variant[[]byte]
	add := func(key []byte, cause Cause, explanation, advice string) {
		if len(key) > 0 {
			list = append(list, variant[[]byte]{key, finding{cause, explanation, advice}})
		}
	}
	trimmed := strings.Trim(strings.TrimSpace(secret), "\"'`")
	if form.decodesKey {
		addDecoding(form, secret, trimmed, add)
	} else {
		addText(secret, trimmed, add)
	}
	return list
}

// addDecoding is for schemes whose key is the decoded secret.
func addDecoding(form form, secret, trimmed string, add func([]byte, Cause, string, string)) {
	if trimmed != secret {
		key, _ := form.key(trimmed)
		add(key, CauseSecretSpace, "The secret has white space or quotes around it that do not belong to it.", "Take them off where the secret is stored.")
	}
	unlabelled := trimmed
	for _, label := range []string{"v1,", "v1a,"} {
		if rest, ok := strings.CutPrefix(trimmed, label); ok {
			unlabelled = rest
			key, _ := form.key(rest)
			add(key, CauseSecretPrefix, "The secret begins with "+label+" which is the label of signatures and not a part of it.", "Take "+label+" off; the secret begins with whsec_.")
		}
	}
	bare := strings.TrimPrefix(unlabelled, "whsec_")
	if key, err := base64.StdEncoding.DecodeString(bare); err == nil && bare == unlabelled {
		add(key, CauseSecretPrefix, "The secret lacks its whsec_ in front.", "Write it as it was shown, with whsec_.")
	}
	const text = "The signature was made with the characters of the secret as the key, where the key is the bytes that they stand for in base64."
	const advice = "Take off whsec_, decode the rest from base64, and use the bytes as the key."
	for _, characters := range []string{secret, trimmed, unlabelled, bare} {
		add([]byte(characters), CauseSecretNotDecoded, text, advice)
	}
	if key, err := hex.DecodeString(bare); err == nil {
		add(key, CauseEncoding, "The secret was decoded from hexadecimal, but it is base64.", advice)
	}
	if key, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(bare, "=")); err == nil {
		add(key, CauseEncoding, "The secret is URL-safe or unpadded base64, but the scheme has the standard form.", advice)
	}
}

// addText is for schemes whose key is the secret's characters.
func addText(secret, trimmed string, add func([]byte, Cause, string, string)) {
	const space = "Take them off where the secret is stored."
	if trimmed != secret {
		add([]byte(trimmed), CauseSecretSpace, "The secret has white space or quotes around it that do not belong to it.", space)
	}
	for _, around := range []string{secret + "\n", secret + "\r\n", secret + " ", `"` + secret + `"`, `'` + secret + `'`} {
		add([]byte(around), CauseSecretSpace, "The signature was made with white space or quotes around the secret, as a line of a file has them.", space)
	}
	for _, label := range secretLabels {
		if rest, ok := strings.CutPrefix(trimmed, label); ok {
			add([]byte(rest), CauseSecretPrefix, "The signature was made with the secret without the "+label+" in front.", "Use the secret whole, as it was shown.")
		}
		add([]byte(label+trimmed), CauseSecretPrefix, "The signature was made with a "+label+" in front of the secret.", "Use the secret as it was shown, without a label.")
	}
	const decoded = "The signature was made with the bytes that the secret stands for in "
	const advice = "Do not decode the secret: the key is its characters in UTF-8."
	bare := strings.TrimPrefix(trimmed, "whsec_")
	if key, err := hex.DecodeString(bare); err == nil {
		add(key, CauseSecretDecoded, decoded+"hexadecimal, where the key is its characters.", advice)
	}
	if key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(bare), "=")); err == nil {
		add(key, CauseSecretDecoded, decoded+"base64, where the key is its characters.", advice)
	}
	const encoded = "The signature was made with the secret encoded once more, in "
	add([]byte(hex.EncodeToString([]byte(trimmed))), CauseEncoding, encoded+"hexadecimal.", advice)
	add([]byte(base64.StdEncoding.EncodeToString([]byte(trimmed))), CauseEncoding, encoded+"base64.", advice)
}

// publicKeyVariants is for ed25519, where little can be mistaken.
func publicKeyVariants(form form, secret string) []variant[[]byte] {
	var list []variant[[]byte]
	trimmed := strings.Trim(strings.TrimSpace(secret), "\"'`")
	unlabelled := strings.TrimPrefix(strings.TrimPrefix(trimmed, "v1a,"), "v1,")
	for _, try := range []struct {
		key string
		finding
	}{
		{trimmed, finding{CauseSecretSpace, "The key has white space or quotes around it that do not belong to it.", "Take them off where the key is stored."}},
		{unlabelled, finding{CauseSecretPrefix, "The key begins with the label of signatures.", "Take the label off; a public key begins with whpk_."}},
		{"whpk_" + unlabelled, finding{CauseSecretPrefix, "The key lacks its whpk_ in front.", "Write it as it was shown, with whpk_."}},
		{"whsk_" + unlabelled, finding{CauseSecretPrefix, "The key lacks its whsk_ in front.", "Write it as it was shown, with whsk_."}},
	} {
		if key, err := form.key(try.key); err == nil && try.key != secret {
			list = append(list, variant[[]byte]{key, try.finding})
		}
	}
	return list
}
