package nodeerr

import "strings"

// classifyCode returns what a code of Node, of the operating system, of a database or of a
// driver says; Unknown of any other word.
func classifyCode(code string) Class {
	switch code {
	case "ECONNREFUSED", "CONNECTION_REFUSED": // the latter is NATS's
		return Refused
	case "ENOTFOUND", "ENODATA", "ESERVFAIL", "EDNS":
		return Unresolved
	case "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "EADDRNOTAVAIL", "P1001":
		return Unreachable
	case "ETIMEDOUT", "ESOCKETTIMEDOUT", "ETIMEOUT", "ECONNABORTED", "P1002", "P1008", "DEADLINE_EXCEEDED",
		"UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT",
		"PROTOCOL_SEQUENCE_TIMEOUT", "CONNECT_TIMEOUT", "CONNECTION_TIMEOUT", "ERR_SOCKET_CONNECTION_TIMEOUT":
		return Timeout
	case "ECONNRESET", "EPIPE", "ENOTCONN", "ESHUTDOWN", "UND_ERR_SOCKET", "UND_ERR_CLOSED", "UND_ERR_DESTROYED",
		"PROTOCOL_CONNECTION_LOST", "PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR", "CONNECTION_CLOSED", "CONNECTION_ENDED",
		"CONNECTION_DESTROYED", "P1017", "ERR_STREAM_PREMATURE_CLOSE", "ERR_SOCKET_CLOSED", "NR_CLOSED", "ECONNCLOSED",
		"CR_SERVER_LOST", "CR_SERVER_GONE_ERROR":
		return Reset
	case "57P01", "57P02", "57P03", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNAVAILABLE", "NotWritablePrimary",
		"NotPrimaryNoSecondaryOk", "NotPrimaryOrSecondary", "PrimarySteppedDown", "ShutdownInProgress", "InterruptedAtShutdown",
		"InterruptedDueToReplStateChange", "ER_SERVER_SHUTDOWN", "LEADER_NOT_AVAILABLE", "CONNECTION_FORCED", "ServiceUnavailable":
		return Starting
	case "ER_CON_COUNT_ERROR", "ER_TOO_MANY_USER_CONNECTIONS", "ER_USER_LIMIT_REACHED", "ER_OUT_OF_RESOURCES",
		"RESOURCE_EXHAUSTED", "P2024", "P2037", "ThrottlingException", "TooManyRequests", "TooManyRequestsException", "SlowDown":
		return Full
	case "28P01", "28000", "ER_ACCESS_DENIED_ERROR", "ER_DBACCESS_DENIED_ERROR", "P1000", "P1010", "WRONGPASS", "NOAUTH", "NOPERM",
		"AuthenticationFailed", "ELOGIN", "EAUTH", "UNAUTHENTICATED", "PERMISSION_DENIED", "ACCESS_REFUSED", "AUTHORIZATION_VIOLATION",
		"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken":
		return Denied
	case "EPROTO", "P1011", "ETLS", "HANDSHAKE_NO_SSL_SUPPORT", "HANDSHAKE_SSL_ERROR", "SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT":
		return TLS
	case "ESOCKET", "ECONNECTION", "ERR_NETWORK", "ERR_BAD_RESPONSE", "UND_ERR_RESPONSE_STATUS_CODE", "3D000", "P1003":
		return Server
	case "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EDQUOT", "EROFS", "EIO", "EBUSY", "EAGAIN", "ESTALE", "ETXTBSY", "EXDEV":
		return Exhausted
	case "ENOENT", "ENOTDIR", "EISDIR":
		return NoFile
	case "MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND":
		return NoModule
	case "EACCES", "EPERM", "ERR_ACCESS_DENIED":
		return Permission
	case "EADDRINUSE":
		return PortInUse
	case "ERR_INVALID_ARG_TYPE", "ERR_INVALID_ARG_VALUE", "ERR_OUT_OF_RANGE", "ERR_ASSERTION", "ERR_INVALID_URL", "ERR_SOCKET_BAD_PORT",
		"ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE", "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX", "ERR_UNKNOWN_FILE_EXTENSION", "ERR_MISSING_ARGS", "ERR_PACKAGE_PATH_NOT_EXPORTED", "ERR_UNSUPPORTED_DIR_IMPORT":
		return Code
	}
	return classifyFamily(code)
}

// classifyFamily does what classifyCode does for codes that come in families, known by
// how they begin.
func classifyFamily(code string) Class {
	for _, f := range [...]struct {
		begin string
		class Class
	}{
		{"EAI_", Unresolved}, {"ERR_TLS_", TLS}, {"ERR_SSL_", TLS}, {"CERT_", TLS}, {"UNABLE_TO_", TLS},
		{"SELF_SIGNED_", TLS}, {"ERR_HTTP2_", Reset}, {"HPE_", Server}, {"UND_ERR_", Server}, {"ERR_SOCKET_", Server},
	} {
		if strings.HasPrefix(code, f.begin) && len(code) > len(f.begin) {
			return f.class
		}
	}
	// Classes of SQLSTATE: 08 is the connection, 53 insufficient resources, 57P operator intervention.
	if isSQLState(code) {
		switch {
		case strings.HasPrefix(code, "08"):
			return Reset
		case strings.HasPrefix(code, "53"):
			return Full
		}
	}
	return Unknown
}

// isSQLState reports whether a code may be a SQLSTATE: five digits and capitals. So may a
// port be; ask only where a code is expected.
func isSQLState(code string) bool {
	if len(code) != 5 {
		return false
	}
	for _, c := range []byte(code) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// classifyNumber returns what a number says that stands under a key of an error: a status
// of HTTP, an error number of MySQL, a status of gRPC. Those of the operating system are negative.
func classifyNumber(key, number string) Class {
	if strings.HasPrefix(strings.ToLower(key), "status") || strings.HasSuffix(strings.ToLower(key), "status") || key == "responseCode" {
		return classifyStatus(number)
	}
	switch key + number {
	case "errno1040", "errno1203", "errno1226", "code8":
		return Full
	case "errno1045", "errno1044", "errno1698", "code16", "code18":
		return Denied
	case "errno1053", "code14":
		return Starting
	case "errno1927", "errno2006", "errno2013":
		return Reset
	case "code4":
		return Timeout
	}
	return Unknown
}

// classifyStatus returns the class of a status of HTTP, or of a reply code of SMTP.
func classifyStatus(status string) Class {
	switch status {
	case "401", "403", "407", "535":
		return Denied
	case "429":
		return Full
	case "503", "421":
		return Starting
	case "408", "504":
		return Timeout
	case "500", "502", "404":
		return Server
	}
	return Unknown
}
