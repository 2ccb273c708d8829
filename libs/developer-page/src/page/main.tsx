import './style.css';
import { render } from 'preact';
import { App } from './app.js';
import { connect } from './data/store.js';

const root = document.getElementById('page');
if (root !== null) render(<App />, root);
connect();
