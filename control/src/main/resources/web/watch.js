// The page at /watch/{camera}: one tile, and a form when the camera wants to know who watches.
import './porchlight-tile.js';

const TOKEN = 'porchlight-token';
const camera = decodeURIComponent(location.pathname.replace(/^\/watch\//, ''));
const tile = document.getElementById('tile');
const login = document.getElementById('login');
const token = document.getElementById('token');
const figures = document.getElementById('figures');

document.title = `${camera} - Porchlight`;
document.getElementById('name').textContent = camera;
if (sessionStorage.getItem(TOKEN)) {
  tile.setAttribute('token', sessionStorage.getItem(TOKEN));
}
tile.addEventListener('state', () => {
  login.hidden = tile.state !== 'refused' || tile.status !== 401;
  if (!login.hidden) {
    sessionStorage.removeItem(TOKEN);
    token.focus();
  }
});
login.addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, token.value);
  if (tile.getAttribute('token') === token.value) {
    tile.play();
  } else {
    tile.setAttribute('token', token.value);
  }
  token.value = '';
});
figures.addEventListener('change', () => tile.toggleAttribute('overlay', figures.checked));
tile.setAttribute('camera', camera);
