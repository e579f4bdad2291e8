/** Open Location Code ("plus code"), full length of 10 digits: a square of some 14 m that can be read aloud and searched in any map. */
const DIGITS = "23456789CFGHJMPQRVWX";
const FINEST = 8000; // 1/8000 of a degree: the tenth digit

export function plusCode(lat: number, lon: number): string {
  let north = Math.min(Math.max(Math.floor((lat + 90) * FINEST + 1e-6), 0), 180 * FINEST - 1);
  let east = Math.floor(((((lon + 180) % 360) + 360) % 360) * FINEST + 1e-6);
  let code = "";
  for (let pair = 0; pair < 5; pair += 1) {
    code = `${DIGITS[north % 20]}${DIGITS[east % 20]}${code}`;
    north = Math.floor(north / 20);
    east = Math.floor(east / 20);
  }
  return `${code.slice(0, 8)}+${code.slice(8)}`;
}
