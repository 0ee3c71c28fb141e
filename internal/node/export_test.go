package node

// Drop ends the session and the file lock, as the end of the process does.
func (n *Node) Drop() {
	n.session.close()
	n.home.leave()
}
