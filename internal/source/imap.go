package source

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"belay/internal/mail"
)

// IsIMAP tells whether a path is a mailbox on a server: imaps://user@host/Folder.
func IsIMAP(path string) bool {
	return strings.HasPrefix(path, "imap://") || strings.HasPrefix(path, "imaps://")
}

// imapBox is a folder on an IMAP server (RFC 9051). It is opened to be read only
// (EXAMINE), and nothing in it becomes seen.
type imapBox struct {
	client *imapclient.Client
	ahead  map[imap.UID][]byte // mails that were fetched and not asked for yet
}

// How much is fetched at once, and of one mail at most, in octets: its texts
// stand in front.
const (
	mostAhead   = 8 << 20
	countAhead  = 50
	mostFetched = 4 << 20
)

// dial connects and signs in.
func dial(ctx context.Context, u *url.URL, o Options) (*imapclient.Client, error) {
	user := u.User.Username()
	if _, there := u.User.Password(); there {
		return nil, errors.New("a password does not belong on the command line, where others can see it: put it into a file (--password-file) or into BELAY_IMAP_PASSWORD")
	}
	if user == "" || u.Hostname() == "" {
		return nil, errors.New("write it as imaps://user@host/Folder; an @ in the user is %40")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"imap": "143", "imaps": "993"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	options := &imapclient.Options{TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname(), RootCAs: o.Roots},
		Dialer: &net.Dialer{Timeout: 30 * time.Second}}
	connect := imapclient.DialTLS
	switch {
	case u.Scheme == "imap" && isLoopback(u.Hostname()):
		connect = imapclient.DialInsecure
	case u.Scheme == "imap":
		connect = imapclient.DialStartTLS
	}
	c, err := connect(address, options)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	context.AfterFunc(ctx, func() { c.Close() })
	if o.Password == nil {
		return nil, errors.Join(errors.New("there is no password for it"), c.Close())
	}
	password, err := o.Password()
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if err := c.Login(user, password).Wait(); err != nil {
		return nil, errors.Join(fmt.Errorf("sign in as %s: %w", user, err), c.Close())
	}
	return c, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// server notes the mails of a folder on a server.
func (f *finder) server(path string) error {
	u, err := url.Parse(path)
	if err != nil {
		return fmt.Errorf("%s is no address of a mailbox: write it as imaps://user@host/Folder", path)
	}
	name := u.Redacted()
	c, err := dial(f.ctx, u, f.options)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	box := &imapBox{client: c, ahead: map[imap.UID][]byte{}}
	one := &file{name: name, box: box, close: box.close, kind: kindServer}
	folder := strings.Trim(u.Path, "/")
	if folder == "" {
		if folder, err = box.sent(); err == nil {
			one.name += "/" + folder
		}
	}
	if err == nil {
		one.uids, err = box.list(folder)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("read %s: %w", name, err), box.close())
	}
	f.set.files = append(f.set.files, one)
	return nil
}

// sent finds the folder of sent mail: by its mark (RFC 6154), else by its name.
func (b *imapBox) sent() (string, error) {
	options := &imap.ListOptions{ReturnSpecialUse: b.client.Caps().Has(imap.CapSpecialUse) && b.client.Caps().Has(imap.CapListExtended)}
	if !options.ReturnSpecialUse {
		options = nil
	}
	folders, err := b.client.List("", "*", options).Collect()
	if err != nil {
		return "", fmt.Errorf("list the folders: %w", err)
	}
	for _, f := range folders {
		if slices.Contains(f.Attrs, imap.MailboxAttrSent) {
			return f.Mailbox, nil
		}
	}
	for _, f := range folders {
		name := f.Mailbox
		if f.Delim != 0 {
			name = name[strings.LastIndex(name, string(f.Delim))+1:]
		}
		if slices.Contains([]string{"sent", "sent items", "sent messages", "sent mail"}, strings.ToLower(name)) {
			return f.Mailbox, nil
		}
	}
	return "", errors.New("it has no folder that is marked as sent mail: name one, as in imaps://user@host/Sent")
}

// listed is a mail on a server.
type listed struct {
	uid  imap.UID
	size int64
	date time.Time
}

// list opens a folder and lists its mails.
func (b *imapBox) list(folder string) (mails []listed, err error) {
	data, err := b.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return nil, fmt.Errorf("open the folder %s: %w", folder, err)
	}
	if data.NumMessages == 0 {
		return nil, nil
	}
	date := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Date"}, Peek: true}
	cmd := b.client.Fetch(imap.SeqSet{imap.SeqRange{Start: 1, Stop: data.NumMessages}},
		&imap.FetchOptions{UID: true, InternalDate: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{date}})
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		one, err := m.Collect()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("list the mails in %s: %w", folder, err), cmd.Close())
		}
		l := listed{uid: one.UID, size: one.RFC822Size, date: mail.DateOf(one.FindBodySection(date))}
		if l.date.IsZero() {
			l.date = one.InternalDate
		}
		mails = append(mails, l)
	}
	if err := cmd.Close(); err != nil {
		return nil, fmt.Errorf("list the mails in %s: %w", folder, err)
	}
	return mails, nil
}

// fetch gives a mail; with it come those that follow.
func (b *imapBox) fetch(uids []imap.UID) ([]byte, error) {
	if raw, there := b.ahead[uids[0]]; there {
		delete(b.ahead, uids[0])
		return raw, nil
	}
	clear(b.ahead)
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: mostFetched}}
	got, err := b.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return nil, err
	}
	for _, one := range got {
		for _, body := range one.BodySection {
			b.ahead[one.UID] = body.Bytes
		}
	}
	raw, there := b.ahead[uids[0]]
	if !there {
		return nil, errors.New("it is not there any more")
	}
	delete(b.ahead, uids[0])
	return bytes.TrimPrefix(raw, []byte("\ufeff")), nil
}

func (b *imapBox) close() error {
	if b.client.State() != imap.ConnStateLogout {
		_ = b.client.Logout().Wait() // it was read: how the server says good-bye changes nothing
	}
	_ = b.client.Close()
	return nil
}

// following are the UIDs of a mail and of those behind it in the order of
// reading that lie in the same folder, as many as are fetched at once.
func (s *Set) following(n int) (uids []imap.UID) {
	first := s.mails[n].file
	var size int64
	for _, e := range s.mails[n:min(len(s.mails), n+4*countAhead)] {
		if e.file != first {
			continue
		}
		if size += min(int64(e.length), mostFetched); len(uids) > 0 && (size > mostAhead || len(uids) == countAhead) {
			break
		}
		uids = append(uids, imap.UID(e.offset))
	}
	return uids
}

// onServer notes the mails that were listed.
func (f *finder) onServer(i int, one *file) {
	for _, m := range one.uids {
		f.put(i, int64(m.uid), min(m.size, math.MaxInt32), m.date)
	}
	one.uids = nil
}
