// Nothing of it is called by the table service.
module.exports = {};
