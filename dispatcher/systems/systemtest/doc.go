// Package systemtest holds the tests that every emulated system passes. A
// system's own test calls Run, and gains:
//
//   - a golden request for each event and revision, in
//     testdata/<event>.txtar: the wire bytes with their headers, one file of
//     the archive for each revision. "go test ./dispatcher/systems/... -update"
//     writes them anew; the comment at the top of an archive is kept, and is
//     the place to say which side was taken where a vendor contradicts itself;
//   - the vendor's own examples, in testdata/vendor.txtar: the sample of an
//     event must come out as transcribed there (see vendor.go);
//   - the checks of the data sheet, of unknown events and revisions, of
//     rendering the same bytes twice, of secrets and private notes that must
//     not leak;
//   - random changes, which must be detected and rendered without a panic
//     into a body that can be read back.
//
// The whole test of a system is then
//
//	func TestSystem(t *testing.T) { systemtest.Run(t, paper.New(), "testdata") }
//
//	func FuzzRender(f *testing.F) { systemtest.Fuzz(f, paper.New()) }
//
// and what only that system does. A Suite chooses more than Run: settings of
// the endpoint, delivery ids, events that no change fires.
package systemtest
