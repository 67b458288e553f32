package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// errGone ends a handler whose caller has gone away or whose server is
// closing: there is nobody to answer.
var errGone = errors.New("the caller has gone away")

// apiError is an answer with the error JSON of wire 1.3. The useful text of a
// 400 is the first line of the trace, not the message (wire L4).
type apiError struct {
	status  int
	message *string // nil: JSON null
	trace   string  // first line
}

func (e *apiError) Error() string { return e.trace }

type errorBody struct {
	Timestamp string  `json:"timestamp"`
	Path      string  `json:"path"`
	Status    int     `json:"status"`
	Error     string  `json:"error"`
	Message   *string `json:"message"`
	RequestID string  `json:"requestId"`
	Trace     string  `json:"trace"`
}

func newAPIError(status int, message, trace string) *apiError {
	return &apiError{status: status, message: &message, trace: trace}
}

func errNoSuchURL() *apiError {
	return &apiError{
		status: http.StatusNotFound,
		trace:  "org.springframework.web.server.ResponseStatusException: 404 NOT_FOUND",
	}
}

func errMethod(method string) *apiError {
	text := fmt.Sprintf("Request method '%s' is not supported.", method)
	return newAPIError(http.StatusMethodNotAllowed, text,
		fmt.Sprintf("org.springframework.web.server.MethodNotAllowedException: 405 METHOD_NOT_ALLOWED %q", text))
}

func errMediaType(contentType string) *apiError {
	text := fmt.Sprintf("Content type '%s' not supported", contentType)
	return newAPIError(http.StatusUnsupportedMediaType, text,
		fmt.Sprintf("org.springframework.web.server.UnsupportedMediaTypeStatusException: 415 UNSUPPORTED_MEDIA_TYPE %q", text))
}

func errNotAcceptable() *apiError {
	text := "Could not find acceptable representation"
	return newAPIError(http.StatusNotAcceptable, text,
		fmt.Sprintf("org.springframework.web.server.NotAcceptableStatusException: 406 NOT_ACCEPTABLE %q", text))
}

func errDecoding(cause string) *apiError {
	return newAPIError(http.StatusBadRequest, "Failed to read HTTP message",
		"org.springframework.core.codec.DecodingException: JSON decoding error: "+cause)
}

func errNoBody(controller string) *apiError {
	return newAPIError(http.StatusBadRequest, "No request body",
		"org.springframework.core.codec.DecodingException: No request body for: "+controller)
}

// errTypeDefinition is a plain string where a filter class has a list: 500,
// not 400 (wire 1.3).
func errTypeDefinition(class string) *apiError {
	text := "Type definition error: [simple type, class " + class + "]"
	return newAPIError(http.StatusInternalServerError, text,
		"org.springframework.core.codec.CodecException: "+text)
}

func errTooLarge() *apiError {
	text := fmt.Sprintf("Exceeded limit on max bytes to buffer : %d", maxBody)
	return newAPIError(http.StatusInternalServerError, text,
		"org.springframework.core.io.buffer.DataBufferLimitException: "+text)
}

func errTypeMismatch(cause string) *apiError {
	return newAPIError(http.StatusBadRequest, "Type mismatch.",
		"org.springframework.beans.TypeMismatchException: "+cause)
}

func errQueryParam(value, javaType string) *apiError {
	return errTypeMismatch(fmt.Sprintf("Failed to convert value of type 'java.lang.String' to required type 'java.util.Optional'; "+
		"Failed to convert from type [java.lang.String] to type [@io.swagger.annotations.ApiParam "+
		"@org.springframework.web.bind.annotation.RequestParam %s] for value [%s]", javaType, value))
}

func errPathNumber(value string) *apiError {
	return errTypeMismatch(fmt.Sprintf("Failed to convert value of type 'java.lang.String' to required type 'long'; "+
		"For input string: %q", value))
}

func errPathEnum(value, class string) *apiError {
	return errTypeMismatch(fmt.Sprintf("Failed to convert value of type 'java.lang.String' to required type '%s'; "+
		"Failed to convert from type [java.lang.String] to type [@io.swagger.annotations.ApiParam "+
		"@org.springframework.web.bind.annotation.PathVariable %s] for value [%s]", class, class, value))
}

// errNothingLoaded is a reading of results without both months of a table that
// has none (wire L2c).
func errNothingLoaded() *apiError {
	text := `Cannot invoke "java.util.Map.values()" because the return value of ` +
		`"com.dqops.data.checkresults.snapshot.CheckResultsSnapshot.getLoadedMonthlyPartitions()" is null`
	return newAPIError(http.StatusInternalServerError, text, "java.lang.NullPointerException: "+text)
}

// failureOf is what a waiting caller gets for a failed or cancelled job: 500,
// never a model (wire T4).
func failureOf(o outcome) *apiError {
	if o.cancelled {
		return newAPIError(http.StatusInternalServerError, "", "java.util.concurrent.CancellationException")
	}
	return newAPIError(http.StatusInternalServerError, o.failure.message, o.failure.String())
}

// errCast is the end of a typed wait on a job that finished well (wire L1).
func errCast(from, to string) *apiError {
	text := fmt.Sprintf("class %s cannot be cast to class %s (%s and %s are in unnamed module of loader 'app')",
		from, to, from, to)
	return newAPIError(http.StatusInternalServerError, text, "java.lang.ClassCastException: "+text)
}

// traceFrames is the tail of every stack trace: several KB (wire 1.3).
var traceFrames = strings.Repeat(
	"\n\tat com.dqops.rest.controllers.JobsController.handle(JobsController.java:170)"+
		"\n\tat org.springframework.web.reactive.result.method.InvocableHandlerMethod.lambda$invoke$0(InvocableHandlerMethod.java:144)"+
		"\n\tat reactor.core.publisher.MonoFlatMap$FlatMapMain.onNext(MonoFlatMap.java:132)", 12) + "\n"
